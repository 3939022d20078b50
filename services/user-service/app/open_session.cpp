// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/open_session.hpp"

namespace micro_sayur::user_service {

async::task<std::optional<token_pair>> open_session::run(account owner) {
  const auto now = env_.clock.now();
  const session fresh{.id = env_.ids.next(), .account_id = owner.id, .created_at = now, .expires_at = now + refresh_absolute_lifetime};
  auto token = make_token(env_.random);
  const auto expires_at = refresh_expiry(now, fresh.expires_at);
  const bool opened = co_await sessions_.add(fresh, owner.credential_version, token.digest, expires_at);
  if (!opened) co_return std::nullopt;
  auto device_token = devices_.make(owner.email_key);
  auto tokens = issuer_.issue(fresh, std::move(owner), std::move(token.text), expires_at);
  tokens.device_token = std::move(device_token);
  co_return tokens;
}

}  // namespace micro_sayur::user_service
