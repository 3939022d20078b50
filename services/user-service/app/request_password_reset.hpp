// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/mail_requests.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// Mails a reset link when the address has an account, and tells nobody whether it has.
class request_password_reset {
 public:
  request_password_reset(const environment& env, mail_requests& requests, mail_allowance& allowance)
      : env_(env), requests_(requests), allowance_(allowance) {}

  /// How long the client has to wait that has asked too often, whatever for; nullopt: taken.
  async::task<std::optional<std::chrono::seconds>> run(std::string email, origin from);

 private:
  const environment& env_;
  mail_requests& requests_;
  mail_allowance& allowance_;
};

}  // namespace micro_sayur::user_service
