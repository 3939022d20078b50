// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/check_password.hpp"
#include "user-service/app/open_session.hpp"
#include "user-service/ports/registration_store.hpp"

#include <string>
#include <variant>

namespace micro_sayur::user_service {

/// Turns the registration that a token belongs to into an account, for whoever knows its password: the mail may have gone to somebody
/// for whom a stranger registered (docs/adr/0006-registrations-are-not-accounts.md). The first sign-in.
class verify_email {
 public:
  struct invalid_token {};   ///< unknown, expired or used before
  struct wrong_password {};  ///< the token is good still
  using throttled = check_password::throttled;
  using outcome = std::variant<token_pair, invalid_token, wrong_password, throttled>;

  verify_email(const environment& env, registration_store& registrations, check_password& passwords, open_session& opening,
               security_log& log)
      : env_(env), registrations_(registrations), passwords_(passwords), opening_(opening), log_(log) {}

  async::task<outcome> run(std::string token, crypto::password password, origin from);

 private:
  const environment& env_;
  registration_store& registrations_;
  check_password& passwords_;
  open_session& opening_;
  security_log& log_;
};

}  // namespace micro_sayur::user_service
