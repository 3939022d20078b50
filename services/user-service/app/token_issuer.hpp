// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/signing_keys.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/domain/session.hpp"

#include <chrono>
#include <string>

namespace micro_sayur::user_service {

/// What a client holds after a login or a refresh.
struct token_pair {
  std::string access_token;
  std::chrono::seconds access_lifetime;
  std::string refresh_token;
  std::chrono::seconds refresh_lifetime;
  account owner;
  std::string device_token = {};  ///< of a login; "" after a refresh
};

/// Makes access tokens (RFC 9068).
class token_issuer {
 public:
  struct settings {
    std::string issuer;
    std::string audience;
  };

  token_issuer(const environment& env, const crypto::signing_keys& keys, settings how)
      : env_(env), keys_(keys), settings_(std::move(how)) {}

  token_pair issue(uuid session_id, account owner, std::string refresh_token, std::chrono::seconds refresh_lifetime) const;

 private:
  const environment& env_;
  const crypto::signing_keys& keys_;
  const settings settings_;
};

}  // namespace micro_sayur::user_service
