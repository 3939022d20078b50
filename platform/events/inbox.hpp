// SPDX-License-Identifier: Apache-2.0
// The inbox: which events a service has taken, so that one that arrives again takes no effect again.
//
// A service that consumes events makes this table in its migrations, in PostgreSQL with the functions of postgres/partitions.sql (SQLite:
// one table, uuid as BLOB, times as INTEGER):
//
//   CREATE TABLE inbox (
//     source text NOT NULL,
//     event_id uuid NOT NULL,
//     type text NOT NULL,
//     received_at timestamptz NOT NULL,
//     PRIMARY KEY (source, event_id)         -- the event's id says in which partition: it finds itself there when it arrives again
//   ) PARTITION BY RANGE (event_id);
//   CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;
//   CREATE INDEX inbox_default_event_id ON inbox_default (event_id);
//   CREATE INDEX inbox_received_at ON inbox (received_at);
#pragma once

#include "platform/sql/database.hpp"
#include "platform/sql/prune.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace micro_sayur::events {

/// Goes first into the batch or transaction of what the event brings about, which then fails as a whole with a
/// sql::unique_violation that `is_duplicate` when the event was taken before.
sql::call inbox_insert(std::string source, uuid event_id, std::string type);

bool is_duplicate(const sql::unique_violation& violation);

/// Keeps rows for so long after they were received, in PostgreSQL for up to half as long again: they go with their partition. Choose it
/// longer than any event can stay on its way.
std::vector<sql::retention> inbox_retention(std::chrono::microseconds keep);

}  // namespace micro_sayur::events
