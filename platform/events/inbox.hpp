// SPDX-License-Identifier: Apache-2.0
// The inbox: which events a service has taken, so that one that arrives again takes no effect again.
//
// A service that consumes events makes this table in its migrations (SQLite: uuid as BLOB, times as INTEGER):
//
//   CREATE TABLE inbox (
//     source text NOT NULL,
//     event_id uuid NOT NULL,
//     type text NOT NULL,
//     received_at timestamptz NOT NULL,
//     PRIMARY KEY (source, event_id)
//   );
//   CREATE INDEX inbox_received_at ON inbox (received_at);
#pragma once

#include "platform/sql/database.hpp"

#include <string>

namespace micro_sayur::events {

/// Goes first into the batch or transaction of what the event brings about, which then fails as a whole with a
/// sql::unique_violation that `is_duplicate` when the event was taken before.
sql::call inbox_insert(std::string source, uuid event_id, std::string type);

bool is_duplicate(const sql::unique_violation& violation);

/// Deletes at most $2 rows that were received before $1. Keep them for longer than any event can stay on its way.
extern const sql::statement prune_inbox;

}  // namespace micro_sayur::events
