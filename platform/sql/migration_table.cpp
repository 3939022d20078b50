// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/migration_table.hpp"

namespace micro_sayur::sql {
namespace {

constexpr statement insert_row{"insert_migration",
                               "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"};

timestamp now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

}  // namespace

constexpr statement make_migration_table{"make_migration_table",
                                         R"(DO $$ BEGIN
         IF current_schema() IS NULL THEN EXECUTE format('CREATE SCHEMA %I', current_setting('search_path')); END IF;
       END $$;
       CREATE TABLE IF NOT EXISTS schema_migrations (
         version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL))",
                                         R"(CREATE TABLE IF NOT EXISTS schema_migrations (
         version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT)"};

constexpr statement list_migrations{"list_migrations", "SELECT version, checksum FROM schema_migrations ORDER BY version"};

std::vector<applied_migration> read_migrations(const result& rows) {
  std::vector<applied_migration> applied;
  for (std::size_t i = 0; i < rows.size(); ++i) applied.push_back({rows[i].get<std::int64_t>(0), rows[i].get<std::string>(1)});
  return applied;
}

call insert_migration(const migration& file) { return {insert_row, {file.version, std::string(file.name), checksum(file.text), now()}}; }

}  // namespace micro_sayur::sql
