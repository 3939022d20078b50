// SPDX-License-Identifier: Apache-2.0
#include "platform/program/postgres/database_command.hpp"

#include "platform/config/reader.hpp"
#include "platform/program/schema_watch.hpp"
#include "platform/sql/postgres/configuration.hpp"

namespace micro_sayur::program {
namespace {

constexpr auto migration_patience = std::chrono::seconds(60);
constexpr auto command_patience = std::chrono::seconds(10);

int run(const database_owner& owner, const database_work& work) {
  const auto read = [&owner](config::reader& from) { return sql::postgres::read_settings(from, std::string(owner.schema)); };
  const auto with = config::read_environment(read);
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
  return run(owner, [&](sql::database& on, process& base) -> async::task<int> {
    co_await await_schema_within(on, owner.service, owner.migrations, command_patience);
    co_return co_await work(on, base);
  });
}

int migrate(const database_owner& owner) {
  return run(owner, [&owner](sql::database& on, process& base) -> async::task<int> {
    co_await migrate_patiently(on, owner.service, owner.migrations, migration_patience, base.log);
    base.log.info("the schema is up to date", {{"schema.version", owner.migrations.back().version}});
    co_return 0;
  });
}

}  // namespace micro_sayur::program
