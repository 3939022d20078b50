// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/register_user.hpp"

#include "user-service/app/judge.hpp"
#include "user-service/app/links.hpp"
#include "user-service/app/mapped_password.hpp"
#include "user-service/domain/language_tag.hpp"
#include "user-service/domain/profile_changes.hpp"

namespace micro_sayur::user_service {

async::task<register_user::outcome> register_user::run(command what) {
  if (auto earlier = co_await answer_of_earlier(what.claim)) co_return std::move(*earlier);
  auto faults = co_await check(what);
  if (!faults.empty()) co_return faults;
  auto address = *parse_email_address(what.email);
  const auto salt = registration_salt(env_, address.key);
  auto password = mapped(std::move(what.password));  // which does not live through the calls of the stores
  auto hash = co_await hasher_.hash(std::move(password), salt, what.from.network);
  applicant who{std::move(address), kept_name(what.name), std::string(choose_language(what.locale, what.accept_language)), std::move(hash)};
  switch (co_await keep_within_allowance(std::move(who), what.claim, std::move(what.from))) {
    case claim_outcome::done: co_return accepted{};
    case claim_outcome::running: co_return still_running{};
    case claim_outcome::repeated: break;
  }
  auto earlier = co_await answer_of_earlier(what.claim);
  if (earlier) co_return std::move(*earlier);
  co_return still_running{};
}

async::task<std::optional<register_user::outcome>> register_user::answer_of_earlier(const std::optional<idempotency_claim>& claim) {
  if (!claim) co_return std::nullopt;
  auto record = co_await earlier_.find(claim->route, claim->key);
  if (!record) co_return std::nullopt;
  const auto& earlier = claim->earlier_fingerprints;
  const bool is_same = record->fingerprint == claim->fingerprint || std::ranges::find(earlier, record->fingerprint) != earlier.end();
  if (!is_same) co_return outcome(key_reused{});
  co_return outcome(repeated{std::move(*record)});
}

async::task<field_faults> register_user::check(const command& what) {
  field_faults faults;
  if (const auto address = parse_new_email_address(what.email, env_.new_addresses); !address)
    faults.push_back({"email", address.error().code, address.error().message});
  if (auto fault = check_name(what.name)) faults.push_back(std::move(*fault));
  if (what.locale)
    if (auto fault = check_locale(*what.locale)) faults.push_back(std::move(*fault));
  const auto refusal = co_await judge(env_, what.password.copy(), what.email, what.name, what.from.network);
  if (refusal) faults.push_back({"password", refusal->code, refusal->message});
  co_return faults;
}

/// What was not kept was not mailed, and does not count.
async::task<claim_outcome> register_user::keep_within_allowance(applicant who, std::optional<idempotency_claim> claim, origin from) {
  const auto key = who.address.key;
  const bool mailed = co_await allowance_.take(mail_cause::registration, key, from);
  auto outcome = claim_outcome::repeated;
  std::exception_ptr failure;
  try {
    outcome = co_await keep(std::move(who), std::move(claim), from, mailed);
  } catch (...) {
    failure = std::current_exception();
  }
  if (mailed && (failure || outcome != claim_outcome::done)) co_await allowance_.give_back(mail_cause::registration, key, from);
  if (failure) std::rethrow_exception(failure);
  co_return outcome;
}

async::task<claim_outcome> register_user::keep(applicant who, std::optional<idempotency_claim> claim, origin from, bool mailed) {
  const auto known = co_await accounts_.find_by_email(who.address.key);
  if (known) {
    user_event event{.id = env_.ids.next(),
                     .kind = user_event_kind::registration_attempted,
                     .user_id = known->id,
                     .email = known->email,
                     .name = known->name,
                     .locale = known->locale,
                     .time = env_.clock.now(),
                     .from = std::move(from)};
    co_return co_await registrations_.add_attempt(known->id, mailed ? std::optional(std::move(event)) : std::nullopt, std::move(claim));
  }
  const auto token = make_token(env_.random);
  registration fresh{.id = env_.ids.next(),
                     .email = who.address.text,
                     .email_key = who.address.key,
                     .name = std::move(who.name),
                     .locale = std::move(who.locale),
                     .password_hash = std::move(who.password_hash)};
  auto event = verification_requested(env_, fresh, token.text, std::move(from));
  co_return co_await registrations_.add(std::move(fresh), token.digest, env_.verify_lifetime,
                                        mailed ? std::optional(std::move(event)) : std::nullopt, std::move(claim));
}

}  // namespace micro_sayur::user_service
