// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/tests/contract/contract.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace micro_sayur::sql::contract {
namespace {

constexpr statement one{"one", "SELECT CAST(1 AS bigint)"};
constexpr statement sleep_long{"sleep_long", "SELECT pg_sleep(3600)"};
constexpr statement create_table{"create_numbers", "CREATE TABLE numbers (n bigint)"};
constexpr statement widen_table{"widen_numbers", "ALTER TABLE numbers ADD COLUMN m bigint"};
constexpr statement select_all{"select_all", "SELECT * FROM numbers"};
constexpr statement touch_number{"touch_number", "UPDATE numbers SET m = m + 1 FROM (SELECT pg_sleep(0.05)) AS slowly WHERE n = $1"};
constexpr statement sum_of_touches{"sum_of_touches", "SELECT CAST(sum(m) AS bigint) FROM numbers"};

/// Starts the server again even when the test fails.
struct server_started_again {
  ~server_started_again() { control_postgres("start"); }
};

class PostgresOutage : public testing::Test {
 protected:
  std::unique_ptr<sandbox> in_ = make_postgres_sandbox();
};

async::task<> until_answered(database& on) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (true) {
    try {
      co_await on.query(one);
      co_await on.execute_one(one);
      co_return;
    } catch (const unavailable&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
    }
    co_await async::sleep_for(10ms);
  }
}

async::task<> expect_unavailable_soon(database& on) {
  // A pooler keeps its clients for as long as query_wait_timeout.
  const auto soon = has_pooler() ? 3s : 1s;
  const auto began = std::chrono::steady_clock::now();
  co_await failure_of<unavailable>(on.query(one));
  EXPECT_LT(std::chrono::steady_clock::now() - began, soon);
  const auto halfway = std::chrono::steady_clock::now();
  co_await failure_of<unavailable>(on.execute_one(one));
  EXPECT_LT(std::chrono::steady_clock::now() - halfway, soon);
}

TEST_F(PostgresOutage, KilledServerFailsCallsSoonAndRecoversWithoutRestart) {
  on_database(*in_, {}, [](database& on) -> async::task<> {
    co_await until_answered(on);
    async::task_group running(co_await this_coro::executor);
    running.spawn("reader", [&on]() -> async::task<> { co_await failure_of<unavailable>(on.query(sleep_long)); });
    running.spawn("writer", [&on]() -> async::task<> { co_await failure_of<unavailable>(on.execute_one(sleep_long)); });
    const auto open = co_await on.begin();
    co_await open->run(one);
    {
      const server_started_again later;
      control_postgres("kill");
      co_await running.join();
      co_await failure_of<unavailable>(open->run(one));
      for (int round = 0; round < 3; ++round) co_await expect_unavailable_soon(on);
      if (!has_pooler()) EXPECT_EQ(on.state().connections, 0U);
    }
    co_await until_answered(on);
    co_await failure_of<unavailable>(open->run(one));
  });
}

TEST_F(PostgresOutage, OneOfSeveralServersIsFoundBehindOthersThatRefuseOrStaySilent) {
  boost::asio::io_context unserved;
  const boost::asio::ip::tcp::acceptor silent(unserved, {boost::asio::ip::make_address("127.0.0.3"), port_of_database()});
  on_database(*in_, {.hosts_before = {"127.0.0.2", "127.0.0.3"}}, [](database& on) -> async::task<> {
    co_await until_answered(on);
    co_await on.execute_one(one);
  });
}

TEST_F(PostgresOutage, StartsWithoutAServer) {
  std::unique_ptr<server_started_again> later = std::make_unique<server_started_again>();
  control_postgres("stop");
  on_database(*in_, {}, [&later](database& on) -> async::task<> {
    co_await expect_unavailable_soon(on);
    later.reset();
    co_await until_answered(on);
  });
}

TEST_F(PostgresOutage, FrozenServerFailsCallsAtTheirDeadline) {
  struct resumed {
    ~resumed() { control_postgres("resume"); }
  };
  on_database(*in_, {.call_timeout = 500ms}, [](database& on) -> async::task<> {
    co_await until_answered(on);
    {
      const resumed later;
      control_postgres("pause");
      for (int round = 0; round < 2; ++round) {
        const auto began = std::chrono::steady_clock::now();
        co_await failure_of<unavailable>(on.query(one));
        co_await failure_of<unavailable>(on.execute_one(one));
        EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
      }
    }
    co_await until_answered(on);
  });
}

TEST_F(PostgresOutage, WrongPasswordIsToldInTheError) {
  on_database(*in_, {.password = "wrong"}, [](database& on) -> async::task<> {
    co_await async::sleep_for(100ms);
    const auto message = co_await failure_of<unavailable>(on.query(one));
    EXPECT_NE(message.find("authentication failed"), std::string::npos) << message;
  });
}

TEST_F(PostgresOutage, PreparesAgainWhenAStatementsPlanNoLongerFits) {
  on_database(*in_, {.pool_size = 2, .cores = 1}, [](database& on) -> async::task<> {
    co_await on.execute_one(create_table);
    co_await on.query(select_all);
    co_await on.execute_one(widen_table);
    const auto again = co_await on.query(select_all);
    EXPECT_TRUE(again.empty());
    const auto written = co_await on.execute_one(select_all);
    EXPECT_TRUE(written.empty());
  });
}

/// Takes two rows, one after the other.
async::task<> touch_both(database& on, std::int64_t first, std::int64_t second) {
  std::vector<call> calls{{touch_number, {first}}};
  calls.push_back({touch_number, {second}});
  co_await on.execute(std::move(calls));
}

TEST_F(PostgresOutage, SendsATransactionAgainThatLostAgainstAnother) {
  on_database(*in_, {.pool_size = 6, .cores = 1}, [](database& on) -> async::task<> {
    co_await run_script(on, "CREATE TABLE numbers (n bigint PRIMARY KEY, m bigint NOT NULL); INSERT INTO numbers VALUES (1, 0), (2, 0)");
    for (int round = 0; round < 3; ++round) {
      async::task_group side_by_side(co_await this_coro::executor);
      side_by_side.spawn("forwards", [&on] { return touch_both(on, 1, 2); });
      side_by_side.spawn("backwards", [&on] { return touch_both(on, 2, 1); });
      co_await side_by_side.join();
    }
    const auto sum = co_await on.query(sum_of_touches);
    EXPECT_EQ(sum[0].get<std::int64_t>(0), 12) << "each of 6 transactions touches two rows, none is lost or doubled";
  });
}

}  // namespace
}  // namespace micro_sayur::sql::contract
