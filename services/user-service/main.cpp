// SPDX-License-Identifier: Apache-2.0
// The distributed user-service: on PostgreSQL, Redis and RabbitMQ, and on nothing else.
#include "contracts/event_topology.hpp"
#include "platform/cache/redis/configuration.hpp"
#include "platform/crypto/derivation_keys.hpp"
#include "platform/crypto/signing_keys.hpp"
#include "platform/events/amqp/amqp_publisher.hpp"
#include "platform/events/amqp/configuration.hpp"
#include "platform/program/command_line.hpp"
#include "platform/program/healthcheck.hpp"
#include "platform/program/postgres/database_command.hpp"
#include "platform/program/service.hpp"
#include "platform/sql/postgres/configuration.hpp"
#include "platform/sql/postgres/replicated.hpp"
#include "user-service/adapters/sql/migrations.hpp"
#include "user-service/composition/account_commands.hpp"
#include "user-service/composition/open_keys.hpp"
#include "user-service/composition/recovery_command.hpp"
#include "user-service/composition/replay_command.hpp"
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
  judge_keys(from, out.service);
  out.database = sql::postgres::read_settings(from, std::string(database_schema));
  out.cache = cache::redis::read_settings(from);
  out.broker = events::amqp::read_settings(from, std::string(service_name));
  out.process = program::read_process_settings(from);
  return out;
}

int serve(const arguments&) {
  const auto with = config::read_environment(read_all);
  program::process base(std::string(service_name), with.process);
  const auto database = sql::postgres::connect_with_replicas(base.cores, with.database);
  const auto cache = cache::redis::connect(base.cores, with.cache);
  const auto publisher = events::amqp::make_publisher(with.broker, std::string(event_topology::exchange));
  user_service service(base, with.service,
                       {.database = *database,
                        .migrations = postgres_migrations,
                        .cache = *cache,
                        .publisher = *publisher,
                        .database_server = {sql::postgres::name_of_servers(with.database), sql::postgres::advice},
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

int change_account(account_command what, arguments given) {
  return program::with_database(owner(), [what, given](sql::database& on, program::process& base) { return what(on, base, given); });
}

int replay(const arguments& given) {
  const auto with = config::read_environment([](config::reader& from) { return read_settings(from); });
  return program::with_database(owner(),
                                [&](sql::database& on, program::process& base) { return replay_outbox(on, base, with, given[0]); });
}

int generate_key(const arguments&) {
  const auto folder = config::read_environment([](config::reader& from) { return read_settings(from).jwt_keys_dir; });
  const system_clock clock;
  system_random random;
  id_source ids(clock, random);
  const auto kid = crypto::generate_key(folder, ids);
  fmt::print("{}\n", (folder / (kid + ".pem")).string());
  crypto::ensure_derivation_key(folder, ids, random);
  return 0;
}

int generate_secret(const arguments&) {
  const auto folder = config::read_environment([](config::reader& from) { return read_settings(from).jwt_keys_dir; });
  const system_clock clock;
  system_random random;
  id_source ids(clock, random);
  const auto id = crypto::generate_derivation_key(folder, ids, random);
  fmt::print("{}\n", (folder / (id + ".key")).string());
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
  std::vector<program::subcommand> subcommands{{"serve", "serve until SIGTERM (the default)", {}, user_service::serve},
                                               {"migrate", "bring the schema user_service up to date", {}, user_service::migrate}};
  std::ranges::move(user_service::account_commands(user_service::change_account), std::back_inserter(subcommands));
  subcommands.push_back(user_service::recovery_command(user_service::change_account));
  subcommands.push_back(
      {"outbox replay",
       "publish again, under the same ids, what was published since TIME and is kept still (OUTBOX_TTL): for a RabbitMQ that "
       "has lost it. Consumers take each event once",
       {},
       user_service::replay,
       {{"--since", "TIME", "as RFC 3339 writes it, such as 2026-11-29T21:15:00Z; by the clock of the database", true}}});
  subcommands.push_back({"keys generate",
                         "make a key pair in JWT_KEYS_DIR, whose file name is printed, and the secret beside it where there is none",
                         {},
                         user_service::generate_key});
  subcommands.push_back({"keys generate-secret",
                         "make a further secret <id>.key in JWT_KEYS_DIR; its file name is printed",
                         {},
                         user_service::generate_secret});
  subcommands.push_back({"healthcheck", "exit code 0 when the service on this machine is ready", {}, user_service::check_health});
  return program::run_program(what, subcommands, argc, argv);
}
