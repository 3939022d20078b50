// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/check_password.hpp"
#include "user-service/ports/mail_allowance.hpp"

#include <optional>

namespace micro_sayur::user_service {

/// Mails a new token for the registration that the password opens; the older token dies. Nobody learns whether there was one.
/// Once the address has had its share of mails nothing is mailed, and the token of the last mail lives on.
class resend_verification {
 public:
  resend_verification(const environment& env, check_password& passwords, registration_store& registrations, mail_allowance& allowance)
      : env_(env), passwords_(passwords), registrations_(registrations), allowance_(allowance) {}

  /// How long to wait when the attempt at the password was refused; nullopt: taken.
  async::task<std::optional<check_password::throttled>> run(credentials typed);

 private:
  const environment& env_;
  check_password& passwords_;
  registration_store& registrations_;
  mail_allowance& allowance_;
};

}  // namespace micro_sayur::user_service
