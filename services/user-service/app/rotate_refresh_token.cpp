// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/rotate_refresh_token.hpp"

#include "platform/crypto/digest.hpp"

namespace micro_sayur::user_service {

async::task<rotate_refresh_token::outcome> rotate_refresh_token::run(std::string presented) {
  auto successor = successor_of(presented);
  auto rotated = co_await sessions_.rotate(digest_of(presented), digest_of(successor), env_.clock.now());
  if (rotated) co_return issue(std::move(*rotated), std::move(successor));
  co_return co_await run_again(std::move(presented));
}

async::task<rotate_refresh_token::outcome> rotate_refresh_token::run_again(std::string presented) {
  const auto known = co_await sessions_.find(digest_of(presented));
  const auto now = env_.clock.now();
  if (!known || known->revoked || known->owner.status != account_status::active || known->of.expires_at <= now || !known->used_at)
    co_return invalid{};
  if (now - *known->used_at > refresh_grace) {
    co_await sessions_.revoke(known->of.id, now);
    co_await verdicts_.forget({known->of.id});
    co_return reused{};
  }
  auto successor = successor_of(presented);
  auto state = co_await sessions_.find(digest_of(successor));
  if (!state || state->revoked || state->expires_at <= now) co_return invalid{};
  co_return issue(std::move(*state), std::move(successor));
}

std::string rotate_refresh_token::successor_of(const std::string& token) const {
  return crypto::to_base64url(crypto::hmac_sha256(key_, "refresh:" + token));
}

token_pair rotate_refresh_token::issue(refresh_state state, std::string token) const {
  return issuer_.issue(state.of, std::move(state.owner), std::move(token), state.expires_at);
}

}  // namespace micro_sayur::user_service
