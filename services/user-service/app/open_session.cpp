// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/open_session.hpp"

namespace micro_sayur::user_service {

async::task<std::optional<token_pair>> open_session::run(account owner) {
  const auto id = env_.ids.next();
  auto token = make_token(env_.random);
  const bool opened = co_await sessions_.add(
      {.id = id, .account_id = owner.id, .credential_version = owner.credential_version, .refresh_token = token.digest});
  if (!opened) co_return std::nullopt;
  auto device_token = devices_.make(owner.email_key, owner.credential_version);
  auto tokens = issuer_.issue(id, std::move(owner), std::move(token.text), refresh_idle_lifetime);
  tokens.device_token = std::move(device_token);
  co_return tokens;
}

}  // namespace micro_sayur::user_service
