// SPDX-License-Identifier: Apache-2.0
#include "platform/events/inbox.hpp"

#include "platform/events/chosen_rows.hpp"

namespace micro_sayur::events {
namespace {

constexpr sql::statement insert{"inbox_insert",
                                "INSERT INTO inbox (source, event_id, type, received_at) VALUES ($1, $2, $3, statement_timestamp())"};

#define PRUNE_RECEIVED_BEFORE(time)               \
  "DELETE FROM inbox WHERE (source, event_id) IN" \
  " (SELECT source, event_id FROM inbox WHERE received_at < " time " ORDER BY received_at LIMIT $2)"
// In PostgreSQL what no partition took away.
constexpr sql::statement prune{"inbox_prune", PRUNE_RECEIVED_BEFORE(LONG_BEFORE), PRUNE_RECEIVED_BEFORE("$1")};
#undef PRUNE_RECEIVED_BEFORE

constexpr sql::statement make_partitions{"inbox_make_partitions", MAKE_PARTITIONS("inbox"), NO_PARTITIONS};
constexpr sql::statement drop_partitions{"inbox_drop_partitions", DROP_PARTITIONS("inbox", "received_at"), NO_PARTITIONS};

}  // namespace

std::vector<sql::retention> inbox_retention(std::chrono::microseconds keep) {
  return {{.remove = &make_partitions, .keep = keep, .one_a_call = true}, {&drop_partitions, keep}, {&prune, keep}};
}

sql::call inbox_insert(std::string source, uuid event_id, std::string type) {
  return {insert, {std::move(source), event_id, std::move(type)}};
}

// Each partition's key has a name of its own.
bool is_duplicate(const sql::unique_violation& violation) {
  return violation.constraint().starts_with("inbox_") && violation.constraint().ends_with("_pkey");
}

}  // namespace micro_sayur::events
