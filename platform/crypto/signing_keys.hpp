// SPDX-License-Identifier: Apache-2.0
// The folder of key pairs <kid>.pem with which a service signs. Keys are exchanged by adding a file whose name sorts later.
#pragma once

#include "platform/base/system.hpp"
#include "platform/crypto/jwk.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace micro_sayur::crypto {

/// Whoever verifies may know the published keys for this long without asking again.
inline constexpr std::chrono::minutes jwks_cache_time{10};

/// The folder cannot be used; what() says which file and why.
class bad_keys : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

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
  };
  using failure_handler = std::function<void(std::string_view error)>;

  /// Loads the keys. Throws bad_keys when there is none or one is unusable. `on_reload_failure` is told when later ones are; the last
  /// good ones then stay. The clock must outlive this.
  signing_keys(std::filesystem::path folder, const clock_source& clock, failure_handler on_reload_failure);

  /// A secret for another use than signing, the same wherever the folder is: HMAC-SHA256 of `purpose` under the text of the pair whose
  /// name sorts first. It changes when that pair is taken away. Throws bad_keys.
  std::string derive_secret(std::string_view purpose) const;

  /// The keys as they were last looked at. Thread-safe.
  std::shared_ptr<const snapshot> current() const;

  /// Takes up what has changed in the folder; to be called about once a second, never twice at once, on a thread that may wait for files.
  /// The pair whose name sorts last signs, but a file younger than jwks_cache_time only when no other pair is older, so that each key
  /// is published before it signs.
  void look();

 private:
  struct file {
    std::filesystem::path path;
    timestamp modified;
    std::uintmax_t size;
    bool operator==(const file&) const = default;
  };

  std::vector<file> list_files() const;
  std::shared_ptr<const snapshot> load(const std::vector<file>& files) const;
  std::size_t choose_signing(const std::vector<file>& files) const;

  const std::filesystem::path folder_;
  const clock_source& clock_;
  const failure_handler on_reload_failure_;

  std::vector<file> files_;
  std::size_t signing_ = 0;
  mutable std::mutex mutex_;  ///< of `current_` alone
  std::shared_ptr<const snapshot> current_;
};

}  // namespace micro_sayur::crypto
