// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/password_hasher.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/registration_store.hpp"

#include <string>
#include <variant>

namespace micro_sayur::user_service {

/// Whom an address and a password belong to. Takes the time of one hash when nobody has the address.
class check_password {
 public:
  struct nobody {};
  using owner = std::variant<nobody, account, registration>;

  check_password(const environment& env, account_store& accounts, registration_store& registrations, crypto::password_hasher& hasher)
      : env_(env), accounts_(accounts), registrations_(registrations), hasher_(hasher) {}

  /// The account, or the waiting registration that the password opens.
  async::task<owner> run(std::string email, std::string password);

 private:
  async::task<> rehash_if_needed(const account& of, std::string password);

  const environment& env_;
  account_store& accounts_;
  registration_store& registrations_;
  crypto::password_hasher& hasher_;
};

}  // namespace micro_sayur::user_service
