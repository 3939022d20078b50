// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/check_password.hpp"

#include "user-service/domain/email_address.hpp"

namespace micro_sayur::user_service {
namespace {

/// Each costs a hash; more than these are an attacker's own.
constexpr std::int64_t registrations_tried = 3;

}  // namespace

async::task<check_password::owner> check_password::run(std::string email, std::string password) {
  const auto address = parse_email_address(email);
  if (!address) {
    co_await hasher_.verify_dummy(std::move(password));
    co_return nobody{};
  }
  auto known = co_await accounts_.find_by_email(address->key);
  if (known) {
    if (!co_await hasher_.verify(password, known->password_hash)) co_return nobody{};
    co_await rehash_if_needed(*known, std::move(password));
    co_return std::move(*known);
  }
  auto waiting = co_await registrations_.waiting_for(address->key, env_.clock.now(), registrations_tried);
  if (waiting.empty()) co_await hasher_.verify_dummy(password);
  for (auto& each : waiting)
    if (co_await hasher_.verify(password, each.password_hash)) co_return std::move(each);
  co_return nobody{};
}

async::task<> check_password::rehash_if_needed(const account& of, std::string password) {
  if (!hasher_.needs_rehash(of.password_hash)) co_return;
  auto renewed = co_await hasher_.hash(std::move(password));
  co_await accounts_.replace_hash(of.id, of.password_hash, std::move(renewed));
}

}  // namespace micro_sayur::user_service
