// SPDX-License-Identifier: Apache-2.0
// What every contract test stands on: a fresh, empty database of each driver.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"
#include "platform/sql/database.hpp"

#include <gtest/gtest.h>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace micro_sayur::sql::contract {

using namespace std::chrono_literals;
namespace this_coro = boost::asio::this_coro;

struct options {
  std::chrono::milliseconds call_timeout{10'000};
  std::size_t queue_limit = 20'000;
  std::size_t pool_size = 8;
  std::string password = {};                   ///< empty: the right one
  std::uint16_t port = 0;                      ///< 0: the right one
  std::vector<std::string> hosts_before = {};  ///< to be tried before the right one
  std::size_t cores = 2;
};

/// An empty place that several databases may be opened on: a schema of its own, or a file.
class sandbox {
 public:
  virtual ~sandbox() = default;
  virtual std::unique_ptr<database> open(async::runtime& cores, const options& with) = 0;
};

/// Whether TEST_POSTGRES_POOLER names the kind of a pooler, which stands between the tests and PostgreSQL then.
bool has_pooler();

/// Unless that pooler takes no prepared statements.
bool prepares_statements();

std::unique_ptr<sandbox> make_postgres_sandbox();
std::unique_ptr<sandbox> make_sqlite_sandbox();

/// The variable, which the test runner sets. Fails the test with the command to run when it is absent.
std::string server_variable(const char* name);

/// Where the driver finds PostgreSQL, or the pooler in front of it.
std::uint16_t port_of_database();

/// Runs `$TEST_SERVER_CONTROL action postgres`.
void control_postgres(const std::string& action);

/// Opens, runs the body and closes, on the sandbox's driver.
void on_database(sandbox& in, const options& with, std::function<async::task<>(database&)> body);

/// Runs a script outside of calls.
async::task<> run_script(database& on, std::string text);

/// On PostgreSQL: how many rows `later` changes, which begins while a transaction has changed one by `first`, and waits until that commits.
async::task<std::int64_t> changed_after(database& on, call first, call later);

/// Parametrised over the drivers.
class DatabaseContract : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { in_ = is_postgres() ? make_postgres_sandbox() : make_sqlite_sandbox(); }

  bool is_postgres() const { return GetParam() == "postgres"; }
  sandbox& in() { return *in_; }
  void on_database(std::function<async::task<>(database&)> body, const options& with = {}) {
    contract::on_database(*in_, with, std::move(body));
  }

 private:
  std::unique_ptr<sandbox> in_;
};

/// The message of the `Error` that `work` ends with; any other end fails the test.
template <typename Error, typename T>
async::task<std::string> failure_of(async::task<T> work) {
  try {
    co_await std::move(work);
    ADD_FAILURE() << "no exception";
  } catch (const Error& failure) {
    co_return failure.what();
  } catch (const std::exception& failure) {
    ADD_FAILURE() << "another exception: " << failure.what();
  }
  co_return "";
}

}  // namespace micro_sayur::sql::contract
