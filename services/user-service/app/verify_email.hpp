// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/environment.hpp"
#include "user-service/ports/registration_store.hpp"

#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// Turns the registration that a token belongs to into an account.
class verify_email {
 public:
  verify_email(const environment& env, registration_store& registrations) : env_(env), registrations_(registrations) {}

  /// nullopt: the token is unknown, expired or was used before.
  async::task<std::optional<account>> run(std::string token, origin from);

 private:
  const environment& env_;
  registration_store& registrations_;
};

}  // namespace micro_sayur::user_service
