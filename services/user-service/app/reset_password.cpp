// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/reset_password.hpp"

#include "user-service/app/judge.hpp"
#include "user-service/app/mapped_password.hpp"

namespace micro_sayur::user_service {

async::task<field_faults> reset_password::check(std::string token, crypto::password password, origin from) {
  const auto owner = co_await resets_.find_account(digest_of(token));
  const auto email = owner ? owner->email : std::string();
  const auto name = owner ? owner->name : std::string();
  const auto refusal = co_await judge(env_, std::move(password), email, name, from.network);
  if (!refusal) co_return field_faults{};
  co_return field_faults{{"password", refusal->code, refusal->message}};
}

async::task<reset_password::outcome> reset_password::run(std::string token, crypto::password password, origin from) {
  const auto digest = digest_of(token);
  const auto owner = co_await resets_.find_account(digest);
  if (!owner) co_return invalid_token{};
  const auto refusal = co_await judge(env_, password.copy(), owner->email, owner->name, from.network);
  if (refusal) co_return field_faults{{"password", refusal->code, refusal->message}};
  auto ready = mapped(std::move(password));
  auto hash = co_await hasher_.hash(std::move(ready), from.network);
  const auto now = env_.clock.now();
  user_event changed{.id = env_.ids.next(),
                     .kind = user_event_kind::password_changed,
                     .user_id = owner->id,
                     .email = owner->email,
                     .name = owner->name,
                     .locale = owner->locale,
                     .time = now,
                     .from = from};
  auto ended = co_await resets_.use(digest, std::move(hash), now, std::move(changed));
  if (!ended) co_return invalid_token{};
  co_await verdicts_.forget(std::move(*ended));
  co_await throttle_.clear(owner->email_key);
  log_.record(security_events::password_change, owner->id, from);
  // Changed by somebody else meanwhile, the credential has another version: then the token is a stranger's.
  co_return done{.email = owner->email, .device_token = devices_.make(owner->email_key, owner->credential_version + 1)};
}

}  // namespace micro_sayur::user_service
