// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/check_password.hpp"

#include "user-service/domain/email_address.hpp"

namespace micro_sayur::user_service {
async::task<check_password::owner> check_password::run(std::string email, std::string password) {
  const auto address = parse_email_address(email);
  if (!address) {
    co_await hasher_.verify_dummy(std::move(password));
    co_return nobody{};
  }
  // One hash and the same reads whoever has the address.
  auto known = co_await accounts_.find_by_email(address->key);
  if (known) {
    const bool right = co_await hasher_.verify(password, known->password_hash);
    co_await registrations_.find_waiting(address->key, known->password_hash, env_.clock.now());
    if (!right) co_return nobody{};
    co_await rehash_if_needed(*known, std::move(password));
    co_return std::move(*known);
  }
  auto hash = co_await hasher_.hash(std::move(password), registration_salt(env_, address->key));
  auto waiting = co_await registrations_.find_waiting(address->key, std::move(hash), env_.clock.now());
  if (waiting) co_return std::move(*waiting);
  co_return nobody{};
}

async::task<> check_password::rehash_if_needed(const account& of, std::string password) {
  if (!hasher_.needs_rehash(of.password_hash)) co_return;
  auto renewed = co_await hasher_.hash(std::move(password));
  co_await accounts_.replace_hash(of.id, of.password_hash, std::move(renewed));
}

}  // namespace micro_sayur::user_service
