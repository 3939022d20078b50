// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/check_password.hpp"

#include <string>

namespace micro_sayur::user_service {

/// Mails a new token for the registration that the password opens; the older token dies. Nobody learns whether there was one.
class resend_verification {
 public:
  resend_verification(const environment& env, check_password& passwords, registration_store& registrations)
      : env_(env), passwords_(passwords), registrations_(registrations) {}

  async::task<> run(std::string email, std::string password, origin from);

 private:
  const environment& env_;
  check_password& passwords_;
  registration_store& registrations_;
};

}  // namespace micro_sayur::user_service
