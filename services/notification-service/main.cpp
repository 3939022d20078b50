// SPDX-License-Identifier: Apache-2.0
// The distributed notification-service: on PostgreSQL, Redis, RabbitMQ and a mail server, and on nothing else.
#include "contracts/event_topology.hpp"
#include "notification-service/adapters/jwks/jwks_client.hpp"
#include "notification-service/adapters/sessions/configuration.hpp"
#include "notification-service/adapters/sessions/session_client.hpp"
#include "notification-service/adapters/smtp/configuration.hpp"
#include "notification-service/adapters/sql/migrations.hpp"
#include "notification-service/composition/notification_service.hpp"
#include "notification-service/composition/withheld_commands.hpp"
#include "platform/cache/redis/configuration.hpp"
#include "platform/events/amqp/amqp_consumer.hpp"
#include "platform/events/amqp/configuration.hpp"
#include "platform/program/command_line.hpp"
#include "platform/program/healthcheck.hpp"
#include "platform/program/postgres/database_command.hpp"
#include "platform/program/service.hpp"
#include "platform/sql/postgres/configuration.hpp"
#include "platform/sql/postgres/replicated.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace micro_sayur::notification_service {
namespace {

using arguments = std::vector<std::string>;

program::database_owner owner() { return {.service = service_name, .schema = database_schema, .migrations = postgres_migrations}; }

struct program_settings {
  program::process_settings process;
  settings service;
  sql::postgres::settings database;
  cache::redis::settings cache;
  events::amqp::connection_parameters broker;
  smtp_settings mail;
  jwks_settings jwks;
  session_client_settings sessions;
};

program_settings read_all(config::reader& from) {
  program_settings out;
  out.service = read_settings(from);
  out.database = sql::postgres::read_settings(from, std::string(database_schema));
  out.cache = cache::redis::read_settings(from);
  out.broker = events::amqp::read_settings(from, std::string(service_name));
  out.mail = read_smtp_settings(from, read_mail_from(from));
  out.jwks.url = from.required_url("JWKS_URL", "where the user-service publishes its keys: …/.well-known/jwks.json");
  out.sessions.user_service_url = read_user_service_url(from, out.jwks.url);
  out.process = program::read_process_settings(from);
  return out;
}

int serve(const arguments&) {
  const auto topology =
      events::amqp::make_topology(event_topology::exchange, event_topology::notification_queue, event_topology::notification_types);
  const auto with = config::read_environment(read_all);
  program::process base(std::string(service_name), with.process);
  const auto database = sql::postgres::connect_with_replicas(base.cores, with.database);
  const auto cache = cache::redis::connect(base.cores, with.cache);
  const auto consumer = events::amqp::make_consumer(base.cores.core(0).get_executor(), with.broker, topology);
  const auto sender = make_smtp_mail_sender(with.mail);
  const auto on_fetch_failure = [&base](std::string_view reason) {
    base.log.warning("the keys of access tokens could not be fetched", {{"error.message", reason}});
  };
  jwks_client jwks(with.jwks, make_http_fetcher(with.jwks), base.clock, on_fetch_failure);
  const auto on_no_verdict = [&base](std::string_view reason) {
    base.log.warning("the user-service did not tell whether a session is live", {{"error.message", reason}});
  };
  session_client sessions(with.sessions, on_no_verdict);
  notification_service service(
      base, with.service,
      {.database = *database,
       .migrations = postgres_migrations,
       .cache = *cache,
       .consumer = *consumer,
       .sender = *sender,
       .keys = [&jwks](bool refresh) { return jwks.keys(refresh); },
       .session_is_live = [&sessions](const http::request& from, const crypto::access_token_claims&) { return sessions.is_live(from); },
       .database_server = {sql::postgres::name_of_servers(with.database), sql::postgres::advice},
       .cache_server = {fmt::format("{}:{}", with.cache.host, with.cache.port), cache::redis::advice},
       .broker = {fmt::format("{}:{}", with.broker.host, with.broker.port), events::amqp::advice},
       .mail_server = {fmt::format("{}:{}", with.mail.host, with.mail.port), smtp_advice}});
  const auto close_all = [&]() -> async::task<> {
    co_await cache->close();
    co_await database->close();
  };
  base.cores.run_until_done([&] { return program::run_services(base.cores, {&service}, close_all); });
  return 0;
}

int migrate(const arguments&) { return program::migrate(owner()); }

int on_withheld(withheld_command what) {
  return program::with_database(owner(), [what](sql::database& on, program::process&) { return what(on); });
}

int check_health(const arguments&) {
  const auto http = config::read_environment([](config::reader& from) { return read_settings(from).http; });
  return program::healthcheck(http.host, http.port);
}

}  // namespace
}  // namespace micro_sayur::notification_service

int main(int argc, char** argv) {
  using namespace micro_sayur;
  const program::program_description what{.name = std::string(notification_service::service_name),
                                          .purpose = "Turns events of MICRO-SAYUR into mails.",
                                          .read_settings = [](config::reader& from) { notification_service::read_all(from); }};
  std::vector<program::subcommand> subcommands{
      {"serve", "serve until SIGTERM (the default)", {}, notification_service::serve},
      {"migrate", "bring the schema notification_service up to date", {}, notification_service::migrate}};
  std::ranges::move(notification_service::withheld_commands(notification_service::on_withheld), std::back_inserter(subcommands));
  subcommands.push_back({"healthcheck", "exit code 0 when the service on this machine is ready", {}, notification_service::check_health});
  return program::run_program(what, subcommands, argc, argv);
}
