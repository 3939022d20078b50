// SPDX-License-Identifier: Apache-2.0
#include "platform/program/postgres/database_command.hpp"

#include "platform/config/reader.hpp"
#include "platform/program/schema_watch.hpp"
#include "platform/sql/postgres/configuration.hpp"

namespace micro_sayur::program {
namespace {

constexpr auto migration_patience = std::chrono::seconds(60);
constexpr auto command_patience = std::chrono::seconds(10);

sql::postgres::settings read_settings(config::reader& from, const database_owner& owner) {
  return sql::postgres::read_settings(from, std::string(owner.schema));
}

/// The owner of the schemas has no search_path of its own, and a migration no time-out.
sql::postgres::settings read_direct_settings(config::reader& from, const database_owner& owner) {
  auto with = read_settings(from, owner);
  if (with.between != sql::postgres::pooler::none)
    from.add_fault("DB_POOLER", "a schema is migrated without a pooler in between",
                   "set it to none, and DB_HOST and DB_PORT to the server's own");
  return with;
}

int run(const database_owner& owner, const sql::postgres::settings& with, const database_work& work) {
  process base(std::string(owner.service), {.log_level = telemetry::level::info, .io_threads = 1});
  const auto database = sql::postgres::connect(base.cores, with);
  int code = 1;
  base.cores.run_until_done([&]() -> async::task<> {
    code = co_await work(*database, base);
    co_await database->close();
  });
  return code;
}

}  // namespace

int with_database(const database_owner& owner, const database_work& work) {
  const auto with = config::read_environment([&owner](config::reader& from) { return read_settings(from, owner); });
  return run(owner, with, [&](sql::database& on, process& base) -> async::task<int> {
    co_await await_database_within(on, owner.service, owner.migrations, command_patience);
    co_return co_await work(on, base);
  });
}

int migrate(const database_owner& owner) {
  const auto with = config::read_environment([&owner](config::reader& from) { return read_direct_settings(from, owner); });
  return run(owner, with, [&owner](sql::database& on, process& base) -> async::task<int> {
    co_await migrate_patiently(on, owner.service, owner.migrations, migration_patience, base.log);
    base.log.info("the schema is up to date", {{"schema.version", owner.migrations.back().version}});
    co_return 0;
  });
}

}  // namespace micro_sayur::program
