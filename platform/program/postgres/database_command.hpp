// SPDX-License-Identifier: Apache-2.0
// Subcommands that need the PostgreSQL of the service and nothing else: those of an operator, and the migration job.
#pragma once

#include "platform/async/task.hpp"
#include "platform/program/process.hpp"
#include "platform/sql/database.hpp"
#include "platform/sql/migrations.hpp"

#include <functional>
#include <span>
#include <string_view>

namespace micro_sayur::program {

/// What of a service its database commands need; static storage.
struct database_owner {
  std::string_view service;
  std::string_view schema;
  std::span<const sql::migration> migrations;
};

using database_work = std::function<async::task<int>(sql::database&, process&)>;

/// Runs `work` on one io thread, with the DB_* variables of the environment, and returns its exit code; waits at most ten seconds for a
/// database that is away. Throws config::configuration_error, sql::unavailable after that, sql::schema_error when the schema is not the
/// program's, and what `work` throws.
int with_database(const database_owner& owner, const database_work& work);

/// Brings the schema up to date; waits at most a minute for a database that is away. Throws config::configuration_error also when DB_POOLER
/// names one.
int migrate(const database_owner& owner);

}  // namespace micro_sayur::program
