// SPDX-License-Identifier: Apache-2.0
#include "platform/events/inbox.hpp"

namespace micro_sayur::events {
namespace {

constexpr sql::statement insert{"inbox_insert",
                                "INSERT INTO inbox (source, event_id, type, received_at) VALUES ($1, $2, $3, statement_timestamp())"};

}  // namespace

constexpr sql::statement prune_inbox{"inbox_prune",
                                     "DELETE FROM inbox WHERE (source, event_id) IN"
                                     " (SELECT source, event_id FROM inbox WHERE received_at < $1 ORDER BY received_at LIMIT $2)"};

sql::call inbox_insert(std::string source, uuid event_id, std::string type) {
  return {insert, {std::move(source), event_id, std::move(type)}};
}

bool is_duplicate(const sql::unique_violation& violation) { return violation.constraint() == "inbox_pkey"; }

}  // namespace micro_sayur::events
