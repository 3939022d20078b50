// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/tests/contract/contract.hpp"

#include "platform/base/system.hpp"
#include "platform/sql/postgres/postgres.hpp"
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

class postgres_sandbox final : public sandbox {
 public:
  postgres_sandbox() { run_as_administrator("CREATE SCHEMA " + schema_); }
  ~postgres_sandbox() override { run_as_administrator("DROP SCHEMA " + schema_ + " CASCADE"); }

  std::unique_ptr<database> open(async::runtime& cores, const options& with) override {
    const auto password = with.password.empty() ? server_variable("TEST_POSTGRES_PASSWORD") : with.password;
    const auto right_port = static_cast<std::uint16_t>(std::stoi(server_variable("TEST_POSTGRES_PORT")));
    return postgres::connect(cores, {.host = server_variable("TEST_POSTGRES_HOST"),
                                     .port = with.port == 0 ? right_port : with.port,
                                     .database = server_variable("TEST_POSTGRES_DB"),
                                     .user = server_variable("TEST_POSTGRES_USER"),
                                     .password = [password] { return password; },
                                     .schema = schema_,
                                     .pool_size = with.pool_size,
                                     .queue_limit = with.queue_limit,
                                     .call_timeout = with.call_timeout});
  }

 private:
  std::string schema_ = unique_name();
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

std::unique_ptr<sandbox> make_postgres_sandbox() { return std::make_unique<postgres_sandbox>(); }
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

// Other suites build on this fixture and bring no test of it into their programs.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DatabaseContract);
INSTANTIATE_TEST_SUITE_P(Drivers, DatabaseContract, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

}  // namespace micro_sayur::sql::contract
