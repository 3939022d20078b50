// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/environment.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/mail_allowance.hpp"
#include "user-service/ports/password_reset_store.hpp"

#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// Mails a reset link when the address has an account. In two steps, so that nobody learns whether it has: what is done for a known address
/// alone takes place after the answer.
class request_password_reset {
 public:
  request_password_reset(const environment& env, account_store& accounts, password_reset_store& resets, mail_allowance& allowance)
      : env_(env), accounts_(accounts), resets_(resets), allowance_(allowance) {}

  /// Whose address it is; the same work whether somebody's or nobody's.
  async::task<std::optional<account>> find(std::string email);

  /// Whether a mail to the address may be sent still, which counts it. To be asked once, before `mail`, which may be tried again.
  async::task<bool> allowed(const account& to, const origin& from);
  async::task<> mail(account to, origin from);

 private:
  const environment& env_;
  account_store& accounts_;
  password_reset_store& resets_;
  mail_allowance& allowance_;
};

}  // namespace micro_sayur::user_service
