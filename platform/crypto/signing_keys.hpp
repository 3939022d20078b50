// SPDX-License-Identifier: Apache-2.0
// The folder of key pairs <kid>.pem with which a service signs. Keys are exchanged by adding a file whose name sorts later.
#pragma once

#include "platform/base/system.hpp"
#include "platform/crypto/jwk.hpp"
#include "platform/crypto/key_folder.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace micro_sayur::crypto {

/// Whoever verifies may know the published keys for this long without asking again.
inline constexpr std::chrono::minutes jwks_cache_time{10};

/// Writes a new pair, readable by this user only, and returns its kid, a UUIDv7, which therefore sorts after those made before. Makes
/// the folder when it is absent. Throws std::system_error.
std::string generate_key(const std::filesystem::path& folder, id_source& ids);

/// Whether the folder is absent or holds no <kid>.pem.
bool has_no_keys(const std::filesystem::path& folder);

class signing_keys {
 public:
  struct snapshot {
    jwk_set all;
    jwk signing;
    std::string jwks_json;  ///< the public parts of all keys
    timestamp made_at;      ///< when the key that signs was made: by its kid where that is a UUIDv7, else by its file
  };

  /// Loads the keys. Throws bad_keys when there is none or one is unusable. When later ones are, the last good ones stay. The clock must
  /// outlive this.
  signing_keys(std::filesystem::path folder, const clock_source& clock, key_observer on_change);

  /// The keys as they were last looked at. Thread-safe.
  std::shared_ptr<const snapshot> current() const;

  /// Why what is in the folder now cannot be used; "" when it can. Thread-safe.
  std::string fault() const;

  /// Takes up what has changed in the folder; to be called about once a second, never twice at once, on a thread that may wait for files.
  /// The pair whose name sorts last signs, but a file younger than jwks_cache_time only when no other pair is older, so that each key
  /// is published before it signs. Throws nothing that the folder is to blame for: see `fault`.
  void look();

 private:
  std::shared_ptr<const snapshot> load(const std::vector<key_file>& files, std::size_t signing) const;

  const std::filesystem::path folder_;
  const clock_source& clock_;
  const key_observer on_change_;
  std::vector<key_file> files_;  ///< of `current_`
  std::size_t signing_ = 0;
  mutable std::mutex mutex_;  ///< of what follows
  std::shared_ptr<const snapshot> current_;
  std::string fault_;
};

}  // namespace micro_sayur::crypto
