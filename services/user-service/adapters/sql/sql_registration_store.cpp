// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_registration_store.hpp"

#include "platform/sql/transact.hpp"
#include "user-service/adapters/sql/rows.hpp"
#include "user-service/adapters/sql/statements.hpp"

namespace micro_sayur::user_service {
namespace {

sql::call insert_registration(const registration& what, const token_digest& token, std::chrono::seconds lifetime) {
  return {statements::add_registration,
          {what.id, what.email, what.email_key, what.name, what.locale, what.password_hash, to_microseconds(lifetime), to_bytes(token)}};
}

/// Whether the token was one of those that were dropped: another mail may have replaced it since it was looked at.
bool holds(const sql::result& dropped, const token_digest& token) {
  const auto wanted = to_bytes(token);
  for (std::size_t i = 0; i < dropped.size(); ++i)
    if (dropped[i].get<sql::bytes>(0) == wanted) return true;
  return false;
}

account account_of(registration waiting, timestamp now) {
  return {.id = waiting.id,
          .email = std::move(waiting.email),
          .email_key = std::move(waiting.email_key),
          .name = std::move(waiting.name),
          .locale = std::move(waiting.locale),
          .password_hash = std::move(waiting.password_hash),
          .roles = {std::string(customer_role)},
          .created_at = now,
          .updated_at = now};
}

user_event registered(const account& who, uuid event_id, const origin& from) {
  return {.id = event_id,
          .kind = user_event_kind::registered,
          .user_id = who.id,
          .email = who.email,
          .name = who.name,
          .locale = who.locale,
          .time = who.created_at,
          .from = from};
}

/// Writes the claim, or says why the request must not take effect.
async::task<claim_outcome> take_claim(sql::transaction& within, const idempotency_claim& claim) {
  const auto locked = co_await within.run({statements::lock_idempotency_key, {claim.route + " " + claim.key}});
  if (!locked[0].get<bool>(0)) co_return claim_outcome::running;
  const auto written = co_await within.run({statements::claim_idempotency_key,
                                            {claim.route, claim.key, to_bytes(claim.fingerprint), std::int64_t{claim.status}, claim.body,
                                             to_microseconds(idempotency_lifetime)}});
  co_return written.affected() == 1 ? claim_outcome::done : claim_outcome::repeated;
}

}  // namespace

async::task<claim_outcome> sql_registration_store::add(registration what, token_digest token, std::chrono::seconds lifetime,
                                                       std::optional<user_event> event, std::optional<idempotency_claim> claim) {
  // As many trips as `add_attempt` takes, whose second statement needs an answer to its first.
  const auto work = [&](sql::transaction& within) -> async::task<sql::ending<claim_outcome>> {
    auto outcome = claim_outcome::done;
    if (claim) outcome = co_await take_claim(within, *claim);
    if (outcome != claim_outcome::done) co_return sql::roll_back(outcome);
    co_await within.run(insert_registration(what, token, lifetime));
    if (event) co_await within.run(writer_.write(*event, 1));
    co_return sql::keep(outcome);
  };
  const auto outcome = co_await sql::transact<claim_outcome>(database_, work);
  if (outcome == claim_outcome::done) writer_.committed();
  co_return outcome;
}

async::task<claim_outcome> sql_registration_store::add_attempt(uuid account_id, std::optional<user_event> event,
                                                               std::optional<idempotency_claim> claim) {
  const auto attempt = [&](sql::transaction& within) -> async::task<sql::ending<claim_outcome>> {
    auto outcome = claim_outcome::done;
    if (claim) outcome = co_await take_claim(within, *claim);
    if (outcome != claim_outcome::done) co_return sql::roll_back(outcome);
    const auto sequence = co_await within.run({statements::next_event_sequence, {account_id}});
    const bool tells = event && !sequence.empty();
    if (tells) co_await within.run(writer_.write(*event, sequence[0].get<std::int64_t>(0)));
    co_return sql::keep(outcome);
  };
  const auto outcome = co_await sql::transact<claim_outcome>(database_, attempt);
  if (outcome == claim_outcome::done) writer_.committed();
  co_return outcome;
}

async::task<std::optional<registration>> sql_registration_store::find_by_token(token_digest token) {
  const auto found = co_await database_.query({statements::registration_by_token, {to_bytes(token)}});
  if (found.empty()) co_return std::nullopt;
  co_return to_registration(found[0]);
}

async::task<std::optional<account>> sql_registration_store::confirm(token_digest token, timestamp now, uuid event_id, origin from) {
  using confirmed = std::optional<account>;
  auto made = co_await sql::transact<confirmed>(database_, [&](sql::transaction& within) -> async::task<sql::ending<confirmed>> {
    const auto found = co_await within.run({statements::registration_by_token, {to_bytes(token)}});
    if (found.empty()) co_return sql::roll_back(confirmed());
    auto fresh = account_of(to_registration(found[0]), now);
    const auto sequence = found[0].get<std::int64_t>(6) + 1;
    const auto added = co_await within.run({statements::add_account,
                                            {fresh.id, fresh.email, fresh.email_key, fresh.name, fresh.locale, fresh.password_hash,
                                             std::string("active"), join_roles(fresh.roles), sequence, now}});
    if (added.affected() == 0) co_return sql::roll_back(confirmed());
    // Registrations are locked after the address, so that two that are confirmed at once do not wait for each other.
    co_await within.run({statements::forget_events_of_others, {fresh.email_key, fresh.id}});
    const auto dropped = co_await within.run({statements::drop_registrations, {fresh.email_key}});
    if (!holds(dropped, token)) co_return sql::roll_back(confirmed());
    co_await within.run(writer_.write(registered(fresh, event_id, from), sequence));
    co_return sql::keep(confirmed(std::move(fresh)));
  });
  if (made) writer_.committed();
  co_return made;
}

async::task<std::optional<registration>> sql_registration_store::find_waiting(std::string email_key, std::string password_hash) {
  const auto found = co_await database_.query({statements::waiting_registration, {std::move(email_key), std::move(password_hash)}});
  if (found.empty()) co_return std::nullopt;
  co_return to_registration(found[0]);
}

async::task<std::optional<registration>> sql_registration_store::find_registration(uuid id) {
  const auto found = co_await database_.query({statements::registration_by_id, {id}});
  if (found.empty()) co_return std::nullopt;
  co_return to_registration(found[0]);
}

async::task<std::optional<idempotency_record>> sql_registration_store::find(std::string route, std::string key) {
  const auto found = co_await database_.query(
      {statements::find_idempotency_key, {std::move(route), std::move(key), to_microseconds(idempotency_lifetime)}});
  if (found.empty()) co_return std::nullopt;
  idempotency_record record{.status = static_cast<unsigned>(found[0].get<std::int64_t>(1)), .body = found[0].get<std::string>(2)};
  const auto fingerprint = found[0].get<sql::bytes>(0);
  if (fingerprint.size() == record.fingerprint.size()) std::copy(fingerprint.begin(), fingerprint.end(), record.fingerprint.begin());
  co_return record;
}

}  // namespace micro_sayur::user_service
