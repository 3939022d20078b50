// SPDX-License-Identifier: Apache-2.0
// The table schema_migrations, which says which files a schema has.
#pragma once

#include "platform/sql/migrations.hpp"

namespace micro_sayur::sql {

/// Makes the table, and PostgreSQL's schema, where they are missing.
extern const statement make_migration_table;

/// Ascending; for `read_migrations`.
extern const statement list_migrations;

std::vector<applied_migration> read_migrations(const result& rows);

/// As applied now.
call insert_migration(const migration& file);

}  // namespace micro_sayur::sql
