// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/check_password.hpp"
#include "user-service/app/mail_requests.hpp"

#include <optional>

namespace micro_sayur::user_service {

/// Mails a new token for the registration that the password opens; the older token dies. Nobody learns whether there was one,
/// nor by the time of the answer: a request is kept in any case.
/// Once the address has had its share of mails nothing is mailed, and the token of the last mail lives on.
class resend_verification {
 public:
  resend_verification(const environment& env, check_password& passwords, mail_requests& requests)
      : env_(env), passwords_(passwords), requests_(requests) {}

  /// How long to wait when the attempt at the password was refused; nullopt: taken.
  async::task<std::optional<check_password::throttled>> run(credentials typed);

 private:
  const environment& env_;
  check_password& passwords_;
  mail_requests& requests_;
};

}  // namespace micro_sayur::user_service
