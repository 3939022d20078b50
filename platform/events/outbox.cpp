// SPDX-License-Identifier: Apache-2.0
#include "platform/events/outbox.hpp"

#include "platform/events/chosen_rows.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace micro_sayur::events {
namespace {

constexpr sql::statement insert{
    "outbox_insert",
    "INSERT INTO outbox (id, type, subject, sequence, traceparent, request_id, dataschema, payload, created_at, claimed_until)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};

// A relay's own marks need not survive a crash of the server: an event is then published again, under the same id.
constexpr sql::statement commit_without_waiting{"outbox_commit_without_waiting", "SELECT set_config('synchronous_commit', 'off', true)",
                                                "SELECT 1"};

constexpr sql::statement publish{
    "outbox_mark_published", "UPDATE outbox SET published_at = statement_timestamp(), data = NULL WHERE id = $1 AND published_at IS NULL"};

constexpr sql::statement give_back{
    "outbox_release",
    "UPDATE outbox SET claimed_until = statement_timestamp() + $3 * interval '1 microsecond'"
    " WHERE id = $1 AND claimed_until = $2 AND published_at IS NULL",
    "UPDATE outbox SET claimed_until = statement_timestamp() + $3 WHERE id = $1 AND claimed_until = $2 AND published_at IS NULL"};

constexpr sql::statement count_waiting{"outbox_backlog",
                                       "SELECT count(*), min(created_at), statement_timestamp() FROM outbox WHERE published_at IS NULL"};

/// Relays that work side by side update rows in one order, so that they never wait for each other in a circle.
async::task<> for_each(sql::database& on, const sql::statement& what, std::vector<uuid> ids, std::vector<sql::value> more) {
  std::sort(ids.begin(), ids.end());
  std::vector<sql::call> calls{commit_without_waiting};
  calls.reserve(ids.size() + 1);
  for (const auto& id : ids) {
    std::vector<sql::value> parameters{id};
    parameters.insert(parameters.end(), more.begin(), more.end());
    calls.push_back({what, std::move(parameters)});
  }
  co_await on.execute(std::move(calls));
}

std::optional<std::string> read_data(const sql::row& from, const payload_seal& seal) {
  if (from.is_null(10)) return from.get_optional<std::string>(7);
  return seal.open(from.get<uuid>(0), from.get<sql::bytes>(10));
}

cloud_event read(const sql::row& from, const std::string& source, std::string data) {
  return {.id = from.get<uuid>(0),
          .source = source,
          .type = from.get<std::string>(1),
          .subject = from.get<uuid>(2).to_string(),
          .dataschema = from.get<std::string>(6),
          .time = from.get<timestamp>(8),
          .sequence = from.get<std::int64_t>(3),
          .traceparent = from.get<std::string>(4),
          .request_id = from.get<std::string>(5),
          .data = std::move(data)};
}

}  // namespace

#define CLAIMED_COLUMNS "id, type, subject, sequence, traceparent, request_id, dataschema, data, created_at, claimed_until, payload"
constexpr sql::statement claim_due{
    "outbox_claim",
    CHOOSE(
        "SELECT id FROM outbox WHERE published_at IS NULL AND claimed_until <= statement_timestamp() ORDER BY id LIMIT $2"
        " FOR UPDATE SKIP LOCKED") "UPDATE outbox SET claimed_until = statement_timestamp() + $1 * interval '1 microsecond' "
                                   "WHERE " IS_CHOSEN " RETURNING " CLAIMED_COLUMNS,
    "UPDATE outbox SET claimed_until = (SELECT statement_timestamp()) + $1 WHERE id IN (SELECT id FROM outbox"
    " WHERE published_at IS NULL AND claimed_until <= (SELECT statement_timestamp()) ORDER BY id LIMIT $2)"
    " RETURNING " CLAIMED_COLUMNS};
#undef CLAIMED_COLUMNS

// In PostgreSQL what no partition took away: its row of the default one, or one beside a row that is still needed.
#define PUBLISHED_BEFORE(time) "SELECT id FROM outbox WHERE published_at < " time " ORDER BY published_at LIMIT $2"
constexpr sql::statement prune_outbox{"outbox_prune",
                                      "DELETE FROM outbox WHERE id = ANY (ARRAY(" PUBLISHED_BEFORE(LONG_BEFORE) " FOR UPDATE SKIP LOCKED))",
                                      "DELETE FROM outbox WHERE id IN (" PUBLISHED_BEFORE("$1") ")"};
#undef PUBLISHED_BEFORE

namespace {

constexpr sql::statement make_partitions{"outbox_make_partitions", MAKE_PARTITIONS("outbox"), NO_PARTITIONS};
constexpr sql::statement drop_partitions{"outbox_drop_partitions", DROP_PARTITIONS("outbox", "published_at"), NO_PARTITIONS};

}  // namespace

std::vector<sql::retention> outbox_retention(std::chrono::microseconds keep) {
  return {{.remove = &make_partitions, .keep = keep, .one_a_call = true}, {&drop_partitions, keep}, {&prune_outbox, keep}};
}

// Locked in the order in which relays mark their rows.
#define EVENTS_ABOUT "SELECT id FROM outbox WHERE subject = $1 AND payload IS NOT NULL ORDER BY id"
constexpr sql::statement forget_subject{"outbox_forget_subject", CHOOSE(EVENTS_ABOUT " FOR UPDATE") "DELETE FROM outbox WHERE " IS_CHOSEN,
                                        "DELETE FROM outbox WHERE id IN (" EVENTS_ABOUT ")"};
#undef EVENTS_ABOUT

sql::call outbox_insert(const cloud_event& event, sql::bytes payload) {
  const auto subject = uuid::parse(event.subject);
  if (!subject) throw std::invalid_argument(fmt::format("the subject of event {} is no UUID", event.id.to_string()));
  constexpr timestamp never_claimed{};
  return {insert,
          {event.id, event.type, *subject, event.sequence, event.traceparent, event.request_id, event.dataschema, std::move(payload),
           event.time, never_claimed}};
}

async::task<claimed_events> outbox::claim(std::chrono::microseconds lease, std::int64_t limit) {
  std::vector<sql::call> calls{commit_without_waiting};
  calls.push_back({claim_due, {std::int64_t{lease.count()}, limit}});
  const auto answers = co_await on_.execute(std::move(calls));
  const auto& rows = answers.back();
  claimed_events claimed;
  claimed.events.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (auto data = read_data(rows[i], seal_))
      claimed.events.push_back(read(rows[i], source_, std::move(*data)));
    else
      claimed.unreadable.push_back(rows[i].get<uuid>(0));
  }
  if (!rows.empty()) claimed.lease = rows[0].get<timestamp>(9);
  std::sort(claimed.events.begin(), claimed.events.end(), [](const auto& one, const auto& other) { return one.id < other.id; });
  co_return claimed;
}

async::task<> outbox::mark_published(std::vector<uuid> ids) { co_await for_each(on_, publish, std::move(ids), {}); }

async::task<> outbox::release(std::vector<uuid> ids, timestamp lease, std::chrono::microseconds pause) {
  co_await for_each(on_, give_back, std::move(ids), {lease, std::int64_t{pause.count()}});
}

async::task<outbox_backlog> outbox::backlog() {
  const auto found = co_await on_.query(count_waiting);
  const auto oldest = found[0].get_optional<timestamp>(1);
  const auto now = found[0].get<timestamp>(2);
  co_return outbox_backlog{.events = found[0].get<std::int64_t>(0),
                           .oldest_age = oldest ? std::max(now - *oldest, std::chrono::microseconds(0)) : std::chrono::microseconds(0)};
}

}  // namespace micro_sayur::events
