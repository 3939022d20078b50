// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/verify_email.hpp"

namespace micro_sayur::user_service {

async::task<verify_email::outcome> verify_email::run(std::string token, crypto::password password, origin from) {
  const auto digest = digest_of(token);
  auto waiting = co_await registrations_.find_by_token(digest);
  if (!waiting) co_return invalid_token{};
  const auto right = co_await passwords_.opens(std::move(*waiting), std::move(password), from);
  if (const auto* refused = std::get_if<throttled>(&right)) co_return *refused;
  if (!std::get<bool>(right)) co_return wrong_password{};
  // The token decides: it belongs to the registration whose password was looked at, or to none.
  auto made = co_await registrations_.confirm(digest, env_.clock.now(), env_.ids.next(), from);
  if (!made) co_return invalid_token{};
  const auto id = made->id;
  log_.record(security_events::user_created, id, from);
  auto tokens = co_await opening_.run(std::move(*made));
  if (!tokens) co_return invalid_token{};
  log_.record(security_events::login_success, id, from);
  co_return std::move(*tokens);
}

}  // namespace micro_sayur::user_service
