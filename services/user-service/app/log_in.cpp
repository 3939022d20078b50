// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/log_in.hpp"

#include "user-service/domain/email_address.hpp"
#include "user-service/domain/text.hpp"

namespace micro_sayur::user_service {

std::string throttle_key(const std::string& email) {
  const auto address = parse_email_address(email);
  return address ? address->key : std::string(trimmed(email));
}

async::task<log_in::outcome> log_in::run(std::string email, std::string password, std::string client_address) {
  const auto key = throttle_key(email);
  if (const auto wait = co_await throttle_.begin(key, client_address)) co_return throttled{*wait};

  check_password::owner owner;
  std::exception_ptr failure;
  try {
    owner = co_await passwords_.run(std::move(email), std::move(password));
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    co_await throttle_.abandoned(key, client_address);
    std::rethrow_exception(failure);
  }
  if (std::holds_alternative<check_password::nobody>(owner)) {
    co_await throttle_.failed(key, client_address);
    co_return wrong_credentials{};
  }
  co_await throttle_.succeeded(key, client_address);
  if (std::holds_alternative<registration>(owner)) co_return not_verified{};
  auto& known = std::get<account>(owner);
  if (known.status != account_status::active) co_return disabled{};
  co_return co_await open_session(std::move(known));
}

async::task<token_pair> log_in::open_session(account owner) {
  const auto now = env_.clock.now();
  const session fresh{.id = env_.ids.next(), .account_id = owner.id, .created_at = now, .expires_at = now + refresh_absolute_lifetime};
  auto token = make_token(env_.random);
  const auto expires_at = refresh_expiry(now, fresh.expires_at);
  co_await sessions_.add(fresh, token.digest, expires_at);
  co_return issuer_.issue(fresh, std::move(owner), std::move(token.text), expires_at);
}

}  // namespace micro_sayur::user_service
