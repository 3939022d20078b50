// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/environment.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur::user_service {

/// What tells a client that has signed in to an account before from strangers (OWASP, "Device cookies"): a nonce, the version of the
/// credential, and the HMAC of both and the address. It opens nothing; its attempts at the password are counted by themselves. Nothing of
/// it is stored.
class device_tokens {
 public:
  struct device {
    std::string name;
    std::int64_t credential_version;  ///< that it knew: with another one it is a stranger
  };

  explicit device_tokens(const environment& env) : env_(env) {}

  std::string make(std::string_view email_key, std::int64_t credential_version) const;

  /// The device that the token was made for; nullopt when it is not one of ours for this address. The same work for every address.
  std::optional<device> recognise(std::string_view token, std::string_view email_key) const;

 private:
  const environment& env_;
};

}  // namespace micro_sayur::user_service
