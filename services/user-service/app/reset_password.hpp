// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/password_hasher.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/domain/field_faults.hpp"
#include "user-service/ports/password_reset_store.hpp"
#include "user-service/ports/session_verdicts.hpp"

#include <string>
#include <variant>

namespace micro_sayur::user_service {

/// Sets a new password with the token of a mail; ends every session of the account and tells its owner.
class reset_password {
 public:
  struct done {};
  struct invalid_token {};
  using outcome = std::variant<done, invalid_token, field_faults>;

  reset_password(const environment& env, password_reset_store& resets, session_verdicts& verdicts, crypto::password_hasher& hasher)
      : env_(env), resets_(resets), verdicts_(verdicts), hasher_(hasher) {}

  async::task<outcome> run(std::string token, std::string password, origin from);

 private:
  const environment& env_;
  password_reset_store& resets_;
  session_verdicts& verdicts_;
  crypto::password_hasher& hasher_;
};

}  // namespace micro_sayur::user_service
