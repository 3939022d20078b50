// SPDX-License-Identifier: Apache-2.0
// Both services in one process, on embedded stores: SQLite for PostgreSQL, a map for Redis, the relay handing events straight to the
// consumer for RabbitMQ, and a mailbox page for a mail server.
#include "micro-sayur/backup.hpp"
#include "micro-sayur/embedded_settings.hpp"
#include "micro-sayur/first_start.hpp"
#include "notification-service/adapters/mailbox/mailbox_endpoints.hpp"
#include "notification-service/adapters/mailbox/mailbox_mail_sender.hpp"
#include "notification-service/adapters/sql/migrations.hpp"
#include "notification-service/composition/notification_service.hpp"
#include "notification-service/composition/withheld_commands.hpp"
#include "platform/cache/in_process.hpp"
#include "platform/events/direct/direct_transport.hpp"
#include "platform/program/command_line.hpp"
#include "platform/program/healthcheck.hpp"
#include "platform/sql/sqlite/sqlite.hpp"
#include "user-service/adapters/cache/budgets.hpp"
#include "user-service/adapters/http/key_endpoints.hpp"
#include "user-service/adapters/sql/migrations.hpp"
#include "user-service/adapters/sql/sql_recovery.hpp"
#include "user-service/composition/account_commands.hpp"
#include "user-service/composition/recovery_command.hpp"
#include "user-service/composition/user_service.hpp"

#include <fmt/format.h>

namespace micro_sayur::embedded {
namespace {

using arguments = std::vector<std::string>;

/// Brings the schema up to date before the service looks at it.
class migrated final : public program::service {
 public:
  migrated(sql::database& on, std::string_view name, std::span<const sql::migration> known) : on_(on), name_(name), known_(known) {}
  async::task<> start() override { co_await sql::migrate(on_, name_, known_); }
  async::task<> drain(bool) override { co_return; }
  async::task<> stop() override { co_return; }

 private:
  sql::database& on_;
  const std::string_view name_;
  const std::span<const sql::migration> known_;
};

events::direct_settings telling_dead_letters(const telemetry::logger& log) {
  return {.on_dead_letter = [&log](const events::delivery& what, std::string_view reason) {
    log.error("dead letter", {{"cloudevent.type", what.routing_key}, {"error.message", reason}});
  }};
}

/// `user` must outlive the check.
notification_service::session_check asking(user_service::user_service& user) {
  return [&user](const http::request&, const crypto::access_token_claims& claims) { return user.session_is_live(claims.session); };
}

/// For a browser on this machine, where the mailbox is to be had on every address.
std::string mailbox_url(const program::http_settings& at) {
  const bool everywhere = at.host == "0.0.0.0" || at.host == "::";
  return fmt::format("http://{}:{}/mailbox", everywhere ? "127.0.0.1" : at.host, at.port);
}

int serve(const arguments&) {
  auto with = config::read_environment(read_settings);
  program::process base("micro-sayur", with.process);
  const data_folder data(with.data);
  expect_whole(with.data);
  if (!with.user.admin) {
    with.user.admin = default_admin(with.data, base.random);
    with.user.new_addresses.dotless = user_service::dotless_domain::allowed;  // an instance to try out: its administrator is at localhost
  }

  const auto user_database = sql::sqlite::open({.file = with.data / user_database_file});
  const auto notification_database = sql::sqlite::open({.file = with.data / notification_database_file});
  const auto cache = cache::make_in_process_store(base.clock, 100'000, user_service::cache_keys::budgets());
  events::direct_transport transport(base.cores.core(0).get_executor(), telling_dead_letters(base.log));
  notification_service::mailbox_store mailbox(*notification_database);
  notification_service::mailbox_mail_sender sender(mailbox, with.mail_from, base.clock);

  user_service::user_service user(base, with.user,
                                  {.database = *user_database,
                                   .migrations = user_service::sqlite_migrations,
                                   .cache = *cache,
                                   .publisher = transport,
                                   .mailbox_url = mailbox_url(with.notification.http)});
  notification_service::notification_service notification(
      base, with.notification,
      {.database = *notification_database,
       .migrations = notification_service::sqlite_migrations,
       .cache = *cache,
       .consumer = transport,
       .sender = sender,
       .keys = user_service::key_source_of(user.keys()),
       .session_is_live = asking(user),
       .more_routes = notification_service::mailbox_routes(mailbox, with.mailbox_clients),
       .more_retention = notification_service::mailbox_retention()});
  migrated user_schema(*user_database, user_service::service_name, user_service::sqlite_migrations);
  migrated notification_schema(*notification_database, notification_service::service_name, notification_service::sqlite_migrations);

  const auto close_all = [&]() -> async::task<> {
    co_await transport.close();
    co_await cache->close();
    co_await user_database->close();
    co_await notification_database->close();
  };
  base.cores.run_until_done(
      [&] { return program::run_services(base.cores, {&user_schema, &notification_schema, &notification, &user}, close_all); });
  return 0;
}

int with_database(const std::filesystem::path& file, const program::process_settings& settings,
                  const std::function<async::task<int>(sql::database&, program::process&)>& work) {
  program::process base("micro-sayur", {.log_level = settings.log_level, .io_threads = 1});
  const auto database = sql::sqlite::open({.file = file});
  int code = 1;
  base.cores.run_until_done([&]() -> async::task<> {
    code = co_await work(*database, base);
    co_await database->close();
  });
  return code;
}

/// Beside a running micro-sayur too: the files are shared.
int on_existing_database(std::string_view name, const std::function<async::task<int>(sql::database&, program::process&)>& work) {
  const auto with = config::read_environment(read_settings);
  expect_whole(with.data);
  const auto file = with.data / name;
  if (std::filesystem::exists(file)) return with_database(file, with.process, work);
  fmt::print(stderr, "There is no {} in {}; MICRO_SAYUR_DATA names the folder.\n", name, with.data.string());
  return 1;
}

int change_account(user_service::account_command what, arguments given) {
  return on_existing_database(user_database_file, [&](sql::database& on, program::process& base) { return what(on, base, given); });
}

int on_withheld(notification_service::withheld_command what) {
  return on_existing_database(notification_database_file, [&](sql::database& on, program::process&) { return what(on); });
}

keys_place keys_place_of(const settings& with) {
  const bool is_inside = std::filesystem::weakly_canonical(with.user.jwt_keys_dir) == std::filesystem::weakly_canonical(with.data / "keys");
  return is_inside ? keys_place::data_folder : keys_place::elsewhere;
}

/// Relative to where the command is given, as its shell means it.
int run_backup(const arguments& given) {
  const auto with = config::read_environment(read_settings);
  expect_whole(with.data);
  const auto began = std::chrono::steady_clock::now();
  const auto size = back_up(with.data, without_slash(given.front()), keys_place_of(with));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{}: {:.1f} MiB in {:.1f} s\n", given.front(), static_cast<double>(size) / (1 << 20), took.count());
  return 0;
}

int run_restore(const arguments& given) {
  const auto with = config::read_environment(read_settings);
  // What was ended since is not to come back.
  const auto end_sessions = [&](const std::filesystem::path& folder) {
    with_database(folder / user_database_file, with.process, [](sql::database& on, program::process&) -> async::task<int> {
      co_await user_service::sql_recovery(on).end_sessions();
      co_return 0;
    });
  };
  restore(given.front(), with.data, keys_place_of(with), end_sessions);
  fmt::print("{}: restored from {}\n", with.data.string(), given.front());
  fmt::print("Where what was backed up still runs, start this with MAIL_RECIPIENTS=nobody.\n");
  return 0;
}

int check_health(const arguments&) {
  const auto with = config::read_environment(read_settings);
  const int user = program::healthcheck(with.user.http.host, with.user.http.port);
  return user != 0 ? user : program::healthcheck(with.notification.http.host, with.notification.http.port);
}

}  // namespace
}  // namespace micro_sayur::embedded

int main(int argc, char** argv) {
  using namespace micro_sayur;
  const program::program_description what{.name = "micro-sayur",
                                          .purpose = "Accounts and mails of MICRO-SAYUR in one process, with nothing else to set up.",
                                          .read_settings = [](config::reader& from) { embedded::read_settings(from); }};
  std::vector<program::subcommand> subcommands{{"serve", "serve until SIGTERM (the default)", {}, embedded::serve}};
  std::ranges::move(user_service::account_commands(embedded::change_account), std::back_inserter(subcommands));
  subcommands.push_back(user_service::recovery_command(embedded::change_account));
  std::ranges::move(notification_service::withheld_commands(embedded::on_withheld), std::back_inserter(subcommands));
  subcommands.push_back({"backup", "copy all that lasts into the new folder DIR, while micro-sayur serves", {"DIR"}, embedded::run_backup});
  subcommands.push_back(
      {"restore", "make the data folder, which must be empty or absent, from the backup DIR", {"DIR"}, embedded::run_restore});
  subcommands.push_back({"healthcheck", "exit code 0 when both services are ready", {}, embedded::check_health});
  return program::run_program(what, subcommands, argc, argv);
}
