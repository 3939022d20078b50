// SPDX-License-Identifier: Apache-2.0
// The distributed user-service: on PostgreSQL, Redis and RabbitMQ, and on nothing else.
#include "contracts/event_topology.hpp"
#include "platform/cache/redis/configuration.hpp"
#include "platform/crypto/signing_keys.hpp"
#include "platform/events/amqp/amqp_publisher.hpp"
#include "platform/events/amqp/configuration.hpp"
#include "platform/program/command_line.hpp"
#include "platform/program/healthcheck.hpp"
#include "platform/program/postgres/database_command.hpp"
#include "platform/program/service.hpp"
#include "platform/sql/postgres/configuration.hpp"
#include "user-service/adapters/sql/migrations.hpp"
#include "user-service/adapters/sql/sql_account_store.hpp"
#include "user-service/app/grant_role.hpp"
#include "user-service/composition/delete_command.hpp"
#include "user-service/composition/user_service.hpp"

#include <fmt/core.h>

namespace micro_sayur::user_service {
namespace {

using arguments = std::vector<std::string>;

program::database_owner owner() { return {.service = service_name, .schema = database_schema, .migrations = postgres_migrations}; }

struct program_settings {
  program::process_settings process;
  settings service;
  sql::postgres::settings database;
  cache::redis::settings cache;
  events::amqp::connection_parameters broker;
};

program_settings read_all(config::reader& from) {
  program_settings out;
  out.service = read_settings(from);
  out.database = sql::postgres::read_settings(from, std::string(database_schema));
  out.cache = cache::redis::read_settings(from);
  out.broker = events::amqp::read_settings(from, std::string(service_name));
  out.process = program::read_process_settings(from);
  return out;
}

int serve(const arguments&) {
  const auto topology =
      events::amqp::make_topology(event_topology::exchange, event_topology::notification_queue, event_topology::notification_types);
  const auto with = config::read_environment(read_all);
  program::process base(std::string(service_name), with.process);
  const auto database = sql::postgres::connect(base.cores, with.database);
  const auto cache = cache::redis::connect(base.cores, with.cache);
  const auto publisher = events::amqp::make_publisher(with.broker, topology);
  user_service service(base, with.service,
                       {.database = *database,
                        .migrations = postgres_migrations,
                        .cache = *cache,
                        .publisher = *publisher,
                        .database_server = {fmt::format("{}:{}", with.database.host, with.database.port), sql::postgres::advice},
                        .cache_server = {fmt::format("{}:{}", with.cache.host, with.cache.port), cache::redis::advice},
                        .broker = {fmt::format("{}:{}", with.broker.host, with.broker.port), events::amqp::advice}});
  const auto close_all = [&]() -> async::task<> {
    co_await publisher->close();
    co_await cache->close();
    co_await database->close();
  };
  base.cores.run_until_done([&] { return program::run_services(base.cores, {&service}, close_all); });
  return 0;
}

int migrate(const arguments&) { return program::migrate(owner()); }

int grant(const arguments& given) {
  return program::with_database(owner(), [given](sql::database& on, program::process& base) -> async::task<int> {
    sql_account_store accounts(on, [] {});
    const auto& email = given[0];
    const auto& role = given[1];
    switch (co_await grant_role(base.clock, accounts).run(email, role)) {
      case grant_role::outcome::granted: fmt::print("{} has the role {} now.\n", email, role); co_return 0;
      case grant_role::outcome::had_it: fmt::print("{} had the role {} already.\n", email, role); co_return 0;
      case grant_role::outcome::no_account: fmt::print(stderr, "No account has the address {}.\n", email); co_return 1;
      case grant_role::outcome::unknown_role:
        fmt::print(stderr, "There is no role \"{}\"; there are: customer, admin.\n", role);
        co_return 1;
    }
    std::unreachable();
  });
}

int remove_account(const arguments& given) {
  return program::with_database(owner(),
                                [given](sql::database& on, program::process& base) { return run_delete_command(on, base, given[0]); });
}

int generate_key(const arguments&) {
  const auto folder = config::read_environment([](config::reader& from) { return read_settings(from).jwt_keys_dir; });
  const system_clock clock;
  system_random random;
  id_source ids(clock, random);
  const auto kid = crypto::generate_key(folder, ids);
  fmt::print("{}\n", (folder / (kid + ".pem")).string());
  return 0;
}

int check_health(const arguments&) {
  const auto http = config::read_environment([](config::reader& from) { return read_settings(from).http; });
  return program::healthcheck(http.host, http.port);
}

}  // namespace
}  // namespace micro_sayur::user_service

int main(int argc, char** argv) {
  using namespace micro_sayur;
  const program::program_description what{.name = std::string(user_service::service_name),
                                          .purpose = "Accounts, sessions and roles of MICRO-SAYUR.",
                                          .read_settings = [](config::reader& from) { user_service::read_all(from); }};
  return program::run_program(
      what,
      {{"serve", "serve until SIGTERM (the default)", {}, user_service::serve},
       {"migrate", "bring the schema user_service up to date", {}, user_service::migrate},
       {"grant-role", "give an account a role", {"EMAIL", "ROLE"}, user_service::grant},
       {"delete-account", "erase an account; its address can register anew", {"EMAIL"}, user_service::remove_account},
       {"keys generate", "make a key pair in JWT_KEYS_DIR; its file name is printed", {}, user_service::generate_key},
       {"healthcheck", "exit code 0 when the service on this machine is ready", {}, user_service::check_health}},
      argc, argv);
}
