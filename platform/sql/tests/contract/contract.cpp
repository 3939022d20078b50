// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/tests/contract/contract.hpp"

#include "platform/base/system.hpp"
#include "platform/sql/postgres/session_settings.hpp"
#include "platform/sql/sqlite/sqlite.hpp"

#include <libpq-fe.h>

#include <cstdlib>
#include <filesystem>

namespace micro_sayur::sql::contract {
namespace {

std::string unique_name() {
  system_clock clock;
  system_random random;
  std::string name = "contract_" + id_source(clock, random).next().to_string();
  std::erase(name, '-');
  return name;
}

/// Straight through libpq, so that what is tested is not needed to prepare the test.
void run_as_administrator(const std::string& text) {
  const auto target = "host=" + server_variable("TEST_POSTGRES_HOST") + " port=" + server_variable("TEST_POSTGRES_PORT") +
                      " dbname=" + server_variable("TEST_POSTGRES_DB") + " user=" + server_variable("TEST_POSTGRES_USER") +
                      " password=" + server_variable("TEST_POSTGRES_PASSWORD") + " options='-c client_min_messages=warning'";
  const std::unique_ptr<PGconn, decltype([](PGconn* session) { PQfinish(session); })> session(PQconnectdb(target.c_str()));
  const std::unique_ptr<PGresult, decltype([](PGresult* result) { PQclear(result); })> done(PQexec(session.get(), text.c_str()));
  if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(session.get()));
}

postgres::pooler pooler_between() {
  const char* kind = std::getenv("TEST_POSTGRES_POOLER");
  if (kind == nullptr) return postgres::pooler::none;
  return std::string_view(kind) == "transaction" ? postgres::pooler::transaction : postgres::pooler::transaction_prepared;
}

std::uint16_t port_of(const char* variable) { return static_cast<std::uint16_t>(std::stoi(server_variable(variable))); }

class postgres_sandbox : public sandbox {
 public:
  postgres_sandbox() { run_as_administrator("CREATE SCHEMA " + schema_); }
  ~postgres_sandbox() override { run_as_administrator("DROP SCHEMA " + schema_ + " CASCADE"); }

  std::unique_ptr<database> open(async::runtime& cores, const options& with) override {
    return postgres::connect(cores, settings_for(with));
  }

 protected:
  const std::string& name() const { return schema_; }

  postgres::settings settings_for(const options& with) const {
    auto hosts = with.hosts_before;
    hosts.push_back(server_variable("TEST_POSTGRES_HOST"));
    const auto password = with.password.empty() ? server_variable("TEST_POSTGRES_PASSWORD") : with.password;
    return {.hosts = std::move(hosts),
            .port = with.port == 0 ? port_of("TEST_POSTGRES_PORT") : with.port,
            .database = server_variable("TEST_POSTGRES_DB"),
            .user = server_variable("TEST_POSTGRES_USER"),
            .password = [password] { return password; },
            .schema = schema_,
            .pool_size = with.pool_size,
            .queue_limit = with.queue_limit,
            .call_timeout = with.call_timeout};
  }

 private:
  std::string schema_ = unique_name();
};

/// With a role of its own, since the settings of sessions are the role's.
class pooled_sandbox final : public postgres_sandbox {
 public:
  pooled_sandbox() {
    run_as_administrator("CREATE ROLE " + name() + " SUPERUSER LOGIN PASSWORD '" + server_variable("TEST_POSTGRES_PASSWORD") + "'");
    set_role(login_for({}));
  }
  ~pooled_sandbox() override {
    run_as_administrator("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + name() + "'; REASSIGN OWNED BY " +
                         name() + " TO CURRENT_USER; DROP ROLE " + name());
  }

  std::unique_ptr<database> open(async::runtime& cores, const options& with) override {
    auto login = login_for(with);
    if (with.call_timeout != options().call_timeout) set_role(login);
    return postgres::connect(cores, std::move(login));
  }

 private:
  postgres::settings login_for(const options& with) const {
    auto login = settings_for(with);
    login.user = name();
    login.between = pooler_between();
    if (with.port == 0) login.port = port_of_database();
    return login;
  }

  static void set_role(const postgres::settings& login) {
    for (const auto& each : postgres::session_settings(login)) run_as_administrator(postgres::for_role(each, login.user, login.database));
  }
};

class sqlite_sandbox final : public sandbox {
 public:
  sqlite_sandbox() { std::filesystem::create_directory(folder_); }
  ~sqlite_sandbox() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<database> open(async::runtime&, const options& with) override {
    return sqlite::open({.file = folder_ / "test.db", .queue_limit = with.queue_limit, .call_timeout = with.call_timeout});
  }

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / unique_name();
};

async::task<> run_and_close(database& on, const std::function<async::task<>(database&)>& body) {
  std::exception_ptr failure;
  try {
    co_await body(on);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await on.close();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

bool has_pooler() { return pooler_between() != postgres::pooler::none; }
bool prepares_statements() { return pooler_between() != postgres::pooler::transaction; }

std::uint16_t port_of_database() { return port_of(has_pooler() ? "TEST_POSTGRES_POOLER_PORT" : "TEST_POSTGRES_PORT"); }

std::unique_ptr<sandbox> make_postgres_sandbox() {
  if (has_pooler()) return std::make_unique<pooled_sandbox>();
  return std::make_unique<postgres_sandbox>();
}
std::unique_ptr<sandbox> make_sqlite_sandbox() { return std::make_unique<sqlite_sandbox>(); }

std::string server_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set: run ./sayur test contract");
  return value;
}

void control_postgres(const std::string& action) {
  const auto command = server_variable("TEST_SERVER_CONTROL") + " " + action + " postgres";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

void on_database(sandbox& in, const options& with, std::function<async::task<>(database&)> body) {
  async::runtime cores(with.cores);
  const auto opened = in.open(cores, with);
  cores.run_until_done([&]() -> async::task<> { co_await run_and_close(*opened, body); });
}

async::task<> run_script(database& on, std::string text) {
  const auto open = co_await on.begin();
  co_await open->run_script({"script", text});
  co_await open->commit();
}

async::task<std::int64_t> changed_after(database& on, call first, call later) {
  static constexpr statement count_waiting{"count_waiting",
                                           "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"};
  const auto holder = co_await on.begin();
  const auto changed = co_await holder->run(std::move(first));
  EXPECT_EQ(changed.affected(), 1);
  std::int64_t count = -1;
  async::task_group waiting(co_await this_coro::executor);
  waiting.spawn("later", [&]() -> async::task<> {
    const auto answer = co_await on.execute_one(later);
    count = answer.affected();
  });
  bool waits = false;
  for (const auto deadline = std::chrono::steady_clock::now() + 5s; !waits && std::chrono::steady_clock::now() < deadline;) {
    co_await async::sleep_for(1ms);
    const auto found = co_await holder->run(count_waiting);
    waits = found[0].get<std::int64_t>(0) > 0;
  }
  EXPECT_TRUE(waits) << later.what->name << " waits for nothing";
  co_await holder->commit();
  co_await waiting.join();
  co_return count;
}

// Other suites build on this fixture and bring no test of it into their programs.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DatabaseContract);
INSTANTIATE_TEST_SUITE_P(Drivers, DatabaseContract, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

}  // namespace micro_sayur::sql::contract
