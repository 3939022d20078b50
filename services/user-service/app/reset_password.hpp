// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/password_hasher.hpp"
#include "user-service/app/device_tokens.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/domain/field_faults.hpp"
#include "user-service/ports/login_throttle.hpp"
#include "user-service/ports/password_reset_store.hpp"
#include "user-service/ports/security_log.hpp"
#include "user-service/ports/session_verdicts.hpp"

#include <string>
#include <variant>

namespace micro_sayur::user_service {

/// Sets a new password with the token of a mail; ends every session of the account, forgets the failures that strangers
/// have heaped on it, makes the client a known device, and tells the owner.
class reset_password {
 public:
  struct done {
    std::string email;
    std::string device_token;  ///< what strangers go on to do does not bind the login that follows
  };
  struct invalid_token {};
  using outcome = std::variant<done, invalid_token, field_faults>;

  reset_password(const environment& env, password_reset_store& resets, session_verdicts& verdicts, crypto::password_hasher& hasher,
                 login_throttle& throttle, const device_tokens& devices, security_log& log)
      : env_(env), resets_(resets), verdicts_(verdicts), hasher_(hasher), throttle_(throttle), devices_(devices), log_(log) {}

  async::task<outcome> run(std::string token, crypto::password password, origin from);

  /// What is wrong with the password for the owner of the token, or for anybody when it has none.
  async::task<field_faults> check(std::string token, crypto::password password, origin from);

 private:
  const environment& env_;
  password_reset_store& resets_;
  session_verdicts& verdicts_;
  crypto::password_hasher& hasher_;
  login_throttle& throttle_;
  const device_tokens& devices_;
  security_log& log_;
};

}  // namespace micro_sayur::user_service
