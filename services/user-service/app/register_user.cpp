// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/register_user.hpp"

#include "user-service/app/links.hpp"
#include "user-service/domain/password_policy.hpp"
#include "user-service/domain/profile_changes.hpp"
#include "user-service/domain/text.hpp"

namespace micro_sayur::user_service {

async::task<register_user::outcome> register_user::run(command what) {
  if (auto earlier = co_await answer_of_earlier(what.claim)) co_return std::move(*earlier);
  auto faults = co_await check(what);
  if (!faults.empty()) co_return faults;

  auto address = *parse_email_address(what.email);
  auto hash = co_await hasher_.hash(what.password, registration_salt(env_, address.key));
  const auto claim = what.claim;
  switch (co_await keep_within_allowance(std::move(what), std::move(address), std::move(hash))) {
    case claim_outcome::done: co_return accepted{};
    case claim_outcome::running: co_return still_running{};
    case claim_outcome::repeated: break;
  }
  auto earlier = co_await answer_of_earlier(claim);
  if (earlier) co_return std::move(*earlier);
  co_return still_running{};
}

async::task<std::optional<register_user::outcome>> register_user::answer_of_earlier(const std::optional<idempotency_claim>& claim) {
  if (!claim) co_return std::nullopt;
  auto record = co_await earlier_.find(claim->route, claim->key, claim->now);
  if (!record) co_return std::nullopt;
  if (record->fingerprint != claim->fingerprint) co_return outcome(key_reused{});
  co_return outcome(repeated{std::move(*record)});
}

async::task<field_faults> register_user::check(const command& what) {
  field_faults faults;
  if (const auto address = parse_email_address(what.email); !address) faults.push_back({"email", "invalid_format", address.error()});
  if (auto fault = check_name(what.name)) faults.push_back(std::move(*fault));
  const auto refusal = co_await env_.computing.run([&] { return judge_password(what.password, what.email, what.name); });
  if (refusal) faults.push_back({"password", refusal->code, refusal->message});
  co_return faults;
}

/// What was not kept was not mailed, and does not count.
async::task<claim_outcome> register_user::keep_within_allowance(command what, email_address address, std::string hash) {
  const auto key = address.key;
  const auto from = what.from;
  const bool mailed = co_await allowance_.take(mail_cause::registration, key, from);
  auto outcome = claim_outcome::repeated;
  std::exception_ptr failure;
  try {
    outcome = co_await keep(std::move(what), std::move(address), std::move(hash), mailed);
  } catch (...) {
    failure = std::current_exception();
  }
  if (mailed && (failure || outcome != claim_outcome::done)) co_await allowance_.give_back(mail_cause::registration, key, from);
  if (failure) std::rethrow_exception(failure);
  co_return outcome;
}

async::task<claim_outcome> register_user::keep(command what, email_address address, std::string hash, bool mailed) {
  const auto now = env_.clock.now();
  const auto known = co_await accounts_.find_by_email(address.key);
  if (known) {
    user_event event{.id = env_.ids.next(),
                     .kind = user_event_kind::registration_attempted,
                     .user_id = known->id,
                     .email = known->email,
                     .name = known->name,
                     .locale = known->locale,
                     .time = now,
                     .from = std::move(what.from)};
    co_return co_await registrations_.add_attempt(known->id, mailed ? std::optional(std::move(event)) : std::nullopt,
                                                  std::move(what.claim));
  }
  const auto token = make_token(env_.random);
  registration fresh{.id = env_.ids.next(),
                     .email = address.text,
                     .email_key = address.key,
                     .name = std::string(trimmed(what.name)),
                     .locale = what.locale,
                     .password_hash = std::move(hash),
                     .created_at = now,
                     .expires_at = now + env_.verify_lifetime};
  auto event = verification_requested(env_, fresh, token.text, std::move(what.from));
  co_return co_await registrations_.add(std::move(fresh), token.digest, mailed ? std::optional(std::move(event)) : std::nullopt,
                                        std::move(what.claim));
}

}  // namespace micro_sayur::user_service
