// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_registration_store.hpp"

#include "platform/events/outbox.hpp"
#include "user-service/adapters/events/user_event_writer.hpp"
#include "user-service/adapters/sql/rows.hpp"
#include "user-service/adapters/sql/statements.hpp"

namespace micro_sayur::user_service {
namespace {

sql::call insert_registration(const registration& what, const token_digest& token) {
  return {
      statements::add_registration,
      {what.id, what.email, what.email_key, what.name, what.locale, what.password_hash, what.created_at, what.expires_at, to_bytes(token)}};
}

/// Whether the token was one of those that were dropped: another mail may have replaced it since it was looked at.
bool holds(const sql::result& dropped, const token_digest& token) {
  const auto wanted = to_bytes(token);
  for (std::size_t i = 0; i < dropped.size(); ++i)
    if (dropped[i].get<sql::bytes>(0) == wanted) return true;
  return false;
}

/// Writes the claim, or says why the request must not take effect.
async::task<claim_outcome> take_claim(sql::transaction& within, const idempotency_claim& claim) {
  const auto locked = co_await within.run({statements::lock_idempotency_key, {claim.route + " " + claim.key}});
  if (!locked[0].get<bool>(0)) co_return claim_outcome::running;
  const auto written = co_await within.run({statements::claim_idempotency_key,
                                            {claim.route, claim.key, to_bytes(claim.fingerprint), std::int64_t{claim.status}, claim.body,
                                             claim.now, timestamp(claim.now - idempotency_lifetime)}});
  co_return written.affected() == 1 ? claim_outcome::done : claim_outcome::repeated;
}

}  // namespace

async::task<claim_outcome> sql_registration_store::add(registration what, token_digest token, std::optional<user_event> event,
                                                       std::optional<idempotency_claim> claim) {
  std::vector<sql::call> calls{insert_registration(what, token)};
  if (event) calls.push_back(events::outbox_insert(to_cloud_event(*event, 1)));
  if (!claim) {
    co_await database_.execute(std::move(calls));
  } else {
    const auto within = co_await database_.begin();
    const auto outcome = co_await take_claim(*within, *claim);
    if (outcome != claim_outcome::done) co_return outcome;
    for (auto& each : calls) co_await within->run(std::move(each));
    co_await within->commit();
  }
  committed_();
  co_return claim_outcome::done;
}

async::task<claim_outcome> sql_registration_store::add_attempt(uuid account_id, std::optional<user_event> event,
                                                               std::optional<idempotency_claim> claim) {
  const auto within = co_await database_.begin();
  if (claim) {
    const auto outcome = co_await take_claim(*within, *claim);
    if (outcome != claim_outcome::done) co_return outcome;
  }
  const auto sequence = co_await within->run({statements::next_event_sequence, {account_id}});
  const bool tells = event && !sequence.empty();
  if (tells) co_await within->run(events::outbox_insert(to_cloud_event(*event, sequence[0].get<std::int64_t>(0))));
  co_await within->commit();
  committed_();
  co_return claim_outcome::done;
}

async::task<std::optional<registration>> sql_registration_store::find_by_token(token_digest token, timestamp now) {
  const auto found = co_await database_.query({statements::registration_by_token, {to_bytes(token), now}});
  if (found.empty()) co_return std::nullopt;
  co_return to_registration(found[0]);
}

async::task<std::optional<account>> sql_registration_store::confirm(token_digest token, timestamp now, uuid event_id, origin from) {
  const auto within = co_await database_.begin();
  const auto found = co_await within->run({statements::registration_by_token, {to_bytes(token), now}});
  if (found.empty()) co_return std::nullopt;
  auto waiting = to_registration(found[0]);
  const auto sequence = found[0].get<std::int64_t>(8) + 1;

  account made{.id = waiting.id,
               .email = waiting.email,
               .email_key = waiting.email_key,
               .name = waiting.name,
               .locale = waiting.locale,
               .password_hash = waiting.password_hash,
               .roles = {std::string(customer_role)},
               .created_at = now,
               .updated_at = now};
  const auto added = co_await within->run({statements::add_account,
                                           {made.id, made.email, made.email_key, made.name, made.locale, made.password_hash,
                                            std::string("active"), join_roles(made.roles), sequence, now}});
  if (added.affected() == 0) co_return std::nullopt;
  // Registrations are locked after the address, so that two that are confirmed at once do not wait for each other.
  const auto dropped = co_await within->run({statements::drop_registrations, {made.email_key}});
  if (!holds(dropped, token)) co_return std::nullopt;
  const user_event event{.id = event_id,
                         .kind = user_event_kind::registered,
                         .user_id = made.id,
                         .email = made.email,
                         .name = made.name,
                         .locale = made.locale,
                         .time = now,
                         .from = std::move(from)};
  co_await within->run(events::outbox_insert(to_cloud_event(event, sequence)));
  co_await within->commit();
  committed_();
  co_return made;
}

async::task<std::optional<registration>> sql_registration_store::find_waiting(std::string email_key, std::string password_hash,
                                                                              timestamp now) {
  const auto found = co_await database_.query({statements::waiting_registration, {std::move(email_key), std::move(password_hash), now}});
  if (found.empty()) co_return std::nullopt;
  co_return to_registration(found[0]);
}

async::task<> sql_registration_store::replace_token(uuid registration_id, token_digest token, timestamp expires_at, user_event event) {
  const auto within = co_await database_.begin();
  const auto replaced = co_await within->run({statements::replace_registration_token, {registration_id, to_bytes(token), expires_at}});
  if (replaced.empty()) co_return;
  co_await within->run(events::outbox_insert(to_cloud_event(event, replaced[0].get<std::int64_t>(0))));
  co_await within->commit();
  committed_();
}

async::task<std::optional<idempotency_record>> sql_registration_store::find(std::string route, std::string key, timestamp now) {
  const auto found = co_await database_.query(
      {statements::find_idempotency_key, {std::move(route), std::move(key), timestamp(now - idempotency_lifetime)}});
  if (found.empty()) co_return std::nullopt;
  idempotency_record record{.status = static_cast<unsigned>(found[0].get<std::int64_t>(1)), .body = found[0].get<std::string>(2)};
  const auto fingerprint = found[0].get<sql::bytes>(0);
  if (fingerprint.size() == record.fingerprint.size()) std::copy(fingerprint.begin(), fingerprint.end(), record.fingerprint.begin());
  co_return record;
}

}  // namespace micro_sayur::user_service
