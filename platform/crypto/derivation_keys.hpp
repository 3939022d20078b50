// SPDX-License-Identifier: Apache-2.0
// The folder of secrets <id>.key from which other secrets are derived. They are rotated by adding a file whose name sorts later.
#pragma once

#include "platform/crypto/key_folder.hpp"

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::crypto {

/// Writes a new one of 256 random bits unless the folder has one, readable by this user only. Throws std::system_error.
void ensure_derivation_key(const std::filesystem::path& folder, id_source& ids, random_source& random);

/// Writes a new one. Its id, which sorts after those made before. Throws std::system_error.
std::string generate_derivation_key(const std::filesystem::path& folder, id_source& ids, random_source& random);

class derivation_keys {
 public:
  /// Throws bad_keys when there is none, or one cannot be read or has fewer than 32 bytes, and std::filesystem::filesystem_error. The clock
  /// must outlive this.
  derivation_keys(std::filesystem::path folder, const clock_source& clock, key_observer on_change);

  /// HMAC-SHA256 of `purpose` under each of the keys: first the one to make new things with, then those by which older ones are known
  /// still. Thread-safe.
  std::vector<std::string> derive(std::string_view purpose) const;

  /// Why what is in the folder now cannot be used; "" when it can. Thread-safe.
  std::string fault() const;

  /// Takes up what has changed in the folder, as signing_keys::look. While that is unusable the last good keys stay.
  void look();

 private:
  const std::filesystem::path folder_;
  const clock_source& clock_;
  const key_observer on_change_;
  std::vector<key_file> files_;  ///< of `keys_`
  std::size_t chosen_ = 0;
  mutable std::mutex mutex_;       ///< of what follows
  std::vector<std::string> keys_;  ///< that of files_[chosen_] first
  std::string fault_;
};

}  // namespace micro_sayur::crypto
