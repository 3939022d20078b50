// SPDX-License-Identifier: Apache-2.0
// The transactional outbox: an event becomes a row in the transaction of the business change that it tells of, and a relay publishes it.
//
// A service that emits events makes this table in its migrations, in PostgreSQL with the functions of postgres/partitions.sql (SQLite: one
// table, uuid as BLOB, times as INTEGER):
//
//   CREATE TABLE outbox (
//     id uuid PRIMARY KEY,                  -- UUIDv7: the order of publishing
//     type text NOT NULL,
//     subject uuid NOT NULL,
//     sequence bigint NOT NULL,
//     traceparent text NOT NULL,
//     request_id text NOT NULL,
//     dataschema text NOT NULL,
//     data text,                            -- as an earlier version wrote it, NULL once the event is published; read, and written no more
//     payload bytea,                        -- the data, see payload_seal.hpp; kept with the row
//     created_at timestamptz NOT NULL,
//     claimed_until timestamptz NOT NULL,   -- no other relay takes the row before
//     published_at timestamptz
//   ) PARTITION BY RANGE (id);
//   CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;
//   CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
//   CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;
//   CREATE INDEX outbox_subject ON outbox (subject, id) WHERE payload IS NOT NULL;
#pragma once

#include "platform/events/cloud_event.hpp"
#include "platform/events/payload_seal.hpp"
#include "platform/sql/database.hpp"
#include "platform/sql/prune.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace micro_sayur::events {

/// The row of `event`, for the batch or transaction of the business change. Its data is stored as `payload`, which payload_seal makes;
/// `event.source` is not stored: it is the relay's. Throws std::invalid_argument when `event.subject` is no UUID.
sql::call outbox_insert(const cloud_event& event, sql::bytes payload);

/// Deletes the events about $1, published or not: nobody hears of them any more.
extern const sql::statement forget_subject;

/// Keeps events for so long after they were published, in PostgreSQL for up to half as long again: they go with their partition. One that
/// is not published stays, whatever its age, and so does its partition.
std::vector<sql::retention> outbox_retention(std::chrono::microseconds keep);

/// For tests of their plans.
extern const sql::statement claim_due;
extern const sql::statement prune_outbox;

/// What waits to be published.
struct outbox_backlog {
  std::int64_t events = 0;
  std::chrono::microseconds oldest_age{0};
};

struct claimed_events {
  std::vector<cloud_event> events;
  timestamp lease;               ///< under which all of them are held: when it ends, by the clock of the database
  std::vector<uuid> unreadable;  ///< held as well; their payloads cannot be opened
};

/// The table as a relay sees it. All times are the database's: relays on machines whose clocks differ share it. Thread-safe. `on`
/// and `seal` must outlive it.
class outbox {
 public:
  outbox(sql::database& on, const payload_seal& seal, std::string source) : on_(on), seal_(seal), source_(std::move(source)) {}

  /// Takes at most `limit` unpublished events that nobody holds, oldest first, for `lease`.
  async::task<claimed_events> claim(std::chrono::microseconds lease, std::int64_t limit);

  /// Marks as published, whoever holds them: what is published is published.
  async::task<> mark_published(std::vector<uuid> ids);

  /// Gives back what is still held under `lease`; it may be claimed again after `pause`.
  async::task<> release(std::vector<uuid> ids, timestamp lease, std::chrono::microseconds pause);

  async::task<outbox_backlog> backlog();

 private:
  sql::database& on_;
  const payload_seal& seal_;
  std::string source_;
};

}  // namespace micro_sayur::events
