// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/environment.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/password_reset_store.hpp"

#include <string>

namespace micro_sayur::user_service {

/// Mails a reset link when the address has an account. Nobody learns whether it has: the work for a known address takes place after the
/// answer, in the background.
class request_password_reset {
 public:
  request_password_reset(const environment& env, account_store& accounts, password_reset_store& resets)
      : env_(env), accounts_(accounts), resets_(resets) {}

  async::task<> run(std::string email, origin from);

 private:
  const environment& env_;
  account_store& accounts_;
  password_reset_store& resets_;
};

}  // namespace micro_sayur::user_service
