// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/rotate_refresh_token.hpp"

#include "platform/crypto/digest.hpp"

namespace micro_sayur::user_service {
namespace {

std::string successor_of(std::string_view key, const std::string& token) {
  return crypto::to_base64url(crypto::hmac_sha256(key, "refresh:" + token));
}

}  // namespace

async::task<rotate_refresh_token::outcome> rotate_refresh_token::run(std::string presented, origin from) {
  auto next = successor_of(env_.derive_secrets("refresh tokens").front(), presented);
  auto rotated = co_await sessions_.rotate(digest_of(presented), digest_of(next));
  if (rotated) co_return issue({std::move(next), std::move(*rotated)});
  co_return co_await run_again(std::move(presented), std::move(from));
}

/// A lost answer: the same successor again, as long as nobody has used it. Who uses it knows it, so the older token is a thief's or a
/// victim's then (docs/adr/0007-refresh-tokens.md).
async::task<rotate_refresh_token::outcome> rotate_refresh_token::run_again(std::string presented, origin from) {
  auto known = co_await sessions_.find(digest_of(presented));
  if (!known || known->revoked || known->owner.status != account_status::active || known->of.expires_at <= known->as_of || !known->used_at)
    co_return invalid{};
  auto next = co_await find_successor(presented);
  const auto age = known->as_of - *known->used_at;
  const bool is_spent = next && next->state.used_at;
  if (is_spent || age > late_token_interval) co_return co_await end_family(std::move(*known), std::move(from));
  if (!next || next->state.revoked || next->state.expires_at <= next->state.as_of) co_return invalid{};
  if (age > refresh_grace) {
    const bool allowed = co_await may_be_late(*known, std::move(presented), from);
    if (!allowed) co_return co_await end_family(std::move(*known), std::move(from));
  }
  co_return issue(std::move(*next));
}

async::task<std::optional<rotate_refresh_token::successor>> rotate_refresh_token::find_successor(std::string presented) {
  for (const auto& key : env_.derive_secrets("refresh tokens")) {
    auto token = successor_of(key, presented);
    auto state = co_await sessions_.find(digest_of(token));
    if (state) co_return successor{std::move(token), std::move(*state)};
  }
  co_return std::nullopt;
}

async::task<bool> rotate_refresh_token::may_be_late(refresh_state known, std::string presented, origin from) {
  const bool allowed = co_await sessions_.note_late(known.of.id, digest_of(presented));
  if (allowed) log_.record(security_events::token_late, known.owner.id, from);
  co_return allowed;
}

async::task<rotate_refresh_token::outcome> rotate_refresh_token::end_family(refresh_state known, origin from) {
  co_await sessions_.revoke(known.of.id);
  co_await verdicts_.forget({known.of.id});
  log_.record(security_events::token_reuse, known.owner.id, from);
  co_return reused{};
}

token_pair rotate_refresh_token::issue(successor next) const {
  const auto lifetime = std::chrono::floor<std::chrono::seconds>(next.state.expires_at - next.state.as_of);
  return issuer_.issue(next.state.of.id, std::move(next.state.owner), std::move(next.token), lifetime);
}

}  // namespace micro_sayur::user_service
