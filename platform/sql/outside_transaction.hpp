// SPDX-License-Identifier: Apache-2.0
// Migrations that PostgreSQL runs in no transaction: an index that is built, or dropped, while the table is written to.
#pragma once

#include "platform/sql/migrations.hpp"

#include <optional>
#include <string>

namespace micro_sayur::sql {

/// What a file says whose comments at its beginning have the line `-- outside a transaction`.
struct concurrent_index {
  std::string name;
  bool is_created;  ///< false: dropped
};

/// nullopt for a file that runs in a transaction. Throws schema_error, which names the file, when one outside has anything else than one
/// statement CREATE [UNIQUE] INDEX CONCURRENTLY IF NOT EXISTS name …, or DROP INDEX CONCURRENTLY IF EXISTS name: others cannot be begun
/// anew when they ended half-way.
std::optional<concurrent_index> outside_transaction(const migration& file);

}  // namespace micro_sayur::sql
