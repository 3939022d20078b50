// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/password.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/ports/account_store.hpp"

#include <string>

namespace micro_sayur::user_service {

/// Makes the administrator with whom an operator starts. An address that has an account is left as it is, whatever its password and roles.
class create_first_admin {
 public:
  create_first_admin(const environment& env, account_store& accounts, crypto::password_hasher& hasher)
      : env_(env), accounts_(accounts), hasher_(hasher) {}

  /// False when the address has an account. Throws std::invalid_argument for an address that parse_new_email_address does not take, or a
  /// password that judge_password refuses.
  async::task<bool> run(std::string email, crypto::password password);

 private:
  const environment& env_;
  account_store& accounts_;
  crypto::password_hasher& hasher_;
};

}  // namespace micro_sayur::user_service
