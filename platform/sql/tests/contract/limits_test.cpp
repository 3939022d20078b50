// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/tests/contract/contract.hpp"

#include <boost/asio/co_spawn.hpp>

namespace micro_sayur::sql::contract {
namespace {

constexpr statement endless{"endless", "SELECT pg_sleep(3600)",
                            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT count(*) FROM numbers"};
constexpr statement echo{"echo", "SELECT CAST($1 AS bigint)"};
constexpr statement create_table{"create_numbers", "CREATE TABLE numbers (n bigint PRIMARY KEY)"};
constexpr statement insert_number{"insert_number", "INSERT INTO numbers (n) VALUES ($1)"};
constexpr statement count_own_sessions{
    "count_own_sessions", "SELECT count(*) FROM pg_stat_activity WHERE application_name = current_setting('application_name')"};
constexpr statement count_numbers{"count_numbers", "SELECT count(*) FROM numbers"};

call echo_of(std::int64_t number) { return {echo, {number}}; }

async::task<> until(std::function<bool()> holds) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited in vain");
    co_await async::sleep_for(1ms);
  }
}

async::task<std::chrono::milliseconds> duration_of(async::task<std::string> work) {
  const auto began = std::chrono::steady_clock::now();
  co_await std::move(work);
  co_return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

TEST_P(DatabaseContract, EndsACallAtItsDeadline) {
  on_database(
      [](database& on) -> async::task<> {
        EXPECT_LT(co_await duration_of(failure_of<timed_out>(on.query(endless))), 1500ms);
        EXPECT_LT(co_await duration_of(failure_of<timed_out>(on.execute_one(endless))), 1500ms);
        const auto open = co_await on.begin();
        EXPECT_LT(co_await duration_of(failure_of<timed_out>(open->run(endless))), 1500ms);
      },
      {.call_timeout = 300ms});
}

TEST_P(DatabaseContract, WorksOnAfterTimeOuts) {
  on_database(
      [](database& on) -> async::task<> {
        for (int round = 0; round < 3; ++round) {
          co_await failure_of<timed_out>(on.execute_one(endless));
          const auto written = co_await on.execute_one(echo_of(1));
          EXPECT_EQ(written[0].get<std::int64_t>(0), 1);
          co_await failure_of<timed_out>(on.query(endless));
          const auto read = co_await on.query(echo_of(2));
          EXPECT_EQ(read[0].get<std::int64_t>(0), 2);
        }
      },
      {.call_timeout = 300ms, .pool_size = 4});
}

TEST_P(DatabaseContract, WaitsForAConnectionAtMostUntilTheDeadline) {
  on_database(
      [](database& on) -> async::task<> {
        const auto holder = co_await on.begin();
        co_await holder->run(echo_of(1));
        EXPECT_LT(co_await duration_of(failure_of<timed_out>(on.begin())), 1500ms);
        EXPECT_LT(co_await duration_of(failure_of<timed_out>(on.execute_one(echo_of(1)))), 1500ms);
        co_await holder->commit();
      },
      {.call_timeout = 300ms, .pool_size = 2, .cores = 1});
}

TEST_P(DatabaseContract, RefusesAtOnceWhenTooManyWait) {
  on_database(
      [](database& on) -> async::task<> {
        auto holder = co_await on.begin();
        async::task_group waiting(co_await this_coro::executor);
        for (int i = 0; i < 2; ++i) waiting.spawn("waiting", [&on]() -> async::task<> { co_await on.execute_one(echo_of(1)); });
        co_await until([&] { return on.state().waiting == 2; });
        EXPECT_EQ(on.state().busy, 1U);
        co_await failure_of<overloaded>(on.execute_one(echo_of(1)));
        holder.reset();
        co_await waiting.join();
        EXPECT_EQ(on.state().waiting, 0U);
      },
      {.queue_limit = 2, .pool_size = 2, .cores = 1});
}

TEST_P(DatabaseContract, SurvivesCancelledCallersAtEveryStage) {
  on_database(
      [](database& on) -> async::task<> {
        co_await on.execute_one(create_table);
        for (int round = 0; round < 40; ++round) {
          async::task_group callers(co_await this_coro::executor);
          for (std::int64_t i = 0; i < 10; ++i) {
            callers.spawn("reader", [&on, i]() -> async::task<> { co_await on.query(echo_of(i)); });
            callers.spawn("writer", [&on, n = round * 10 + i]() -> async::task<> { co_await on.execute_one({insert_number, {n}}); });
            callers.spawn("transaction", [&on, n = 100'000 + round * 10 + i]() -> async::task<> {
              const auto open = co_await on.begin();
              co_await open->run({insert_number, {n}});
              co_await open->run(echo_of(n));
            });
          }
          co_await async::sleep_for(std::chrono::microseconds(100 * round));
          callers.cancel();
          co_await callers.join();
        }
        const auto count = co_await on.execute_one(count_numbers);
        EXPECT_LE(count[0].get<std::int64_t>(0), 400);
        for (std::int64_t i = 0; i < 20; ++i) {
          const auto read = co_await on.query(echo_of(i));
          EXPECT_EQ(read[0].get<std::int64_t>(0), i);
        }
        co_await until([&] { return on.state().busy == 0; });
      },
      {.pool_size = 4});
}

async::task<> ten_thousand_calls(async::runtime& cores, database& on, std::atomic<int>& right) {
  constexpr std::int64_t calls = 10'000;
  std::atomic<std::int64_t> ended = 0;
  for (std::int64_t i = 0; i < calls; ++i)
    async::spawn(cores.core(static_cast<std::size_t>(i) % cores.core_count()).get_executor(), "call",
                 [&on, &right, &ended, i]() -> async::task<> {
                   try {
                     const auto answer = i % 10 == 0 ? co_await on.execute_one(echo_of(i)) : co_await on.query(echo_of(i));
                     if (answer[0].get<std::int64_t>(0) == i) ++right;
                   } catch (const std::exception& failure) {
                     ADD_FAILURE() << failure.what();
                   }
                   ++ended;
                 });
  while (ended < calls) co_await async::sleep_for(1ms);
}

TEST_P(DatabaseContract, ServesTenThousandCallsAtOnce) {
  async::runtime cores(2);
  const auto on = in().open(cores, {.call_timeout = 60s});
  std::atomic<int> right = 0;
  cores.run_until_done([&]() -> async::task<> {
    co_await ten_thousand_calls(cores, *on, right);
    co_await on->close();
  });
  EXPECT_EQ(right, 10'000);
}

TEST(PostgresPool, OpensNoMoreConnectionsThanItMayAndServesEveryCore) {
  if (has_pooler()) GTEST_SKIP() << "the server's sessions are the pooler's, and so is their number";
  const auto in = make_postgres_sandbox();
  async::runtime cores(16);
  const auto on = in->open(cores, {.pool_size = 3});
  std::atomic<int> served = 0;
  std::int64_t open_connections = 0;
  cores.run_until_done([&]() -> async::task<> {
    const auto use = [&]() -> async::task<> {
      co_await on->query(echo_of(1));
      auto open = co_await on->begin();
      co_await open->run(echo_of(2));
      co_await open->commit();
      open.reset();
      open = co_await on->begin();  // rolled back
      co_await open->run(echo_of(3));
      ++served;
    };
    for (std::size_t i = 0; i < 16; ++i) async::spawn(cores.core(i).get_executor(), "caller", use);
    co_await until([&] { return served == 16; });
    const auto counted = co_await on->query(count_own_sessions);
    open_connections = counted[0].get<std::int64_t>(0);
    co_await on->close();
  });
  EXPECT_EQ(open_connections, 3);
}

TEST_P(DatabaseContract, CloseFailsWhatWaitsAndLetsRunningCallsEnd) {
  async::runtime cores(1);
  const auto on = in().open(cores, {.call_timeout = 5s, .pool_size = 2, .cores = 1});
  cores.run_until_done([&]() -> async::task<> {
    auto holder = co_await on->begin();
    co_await holder->run(create_table);
    async::task_group calls(co_await this_coro::executor);
    calls.spawn("waiting", [&]() -> async::task<> { co_await failure_of<unavailable>(on->execute_one(echo_of(1))); });
    co_await until([&] { return on->state().waiting == 1; });
    bool closed = false;
    calls.spawn("closing", [&]() -> async::task<> {
      co_await on->close();
      closed = true;
    });
    co_await until([&] { return on->state().waiting == 0; });
    EXPECT_FALSE(closed);
    co_await holder->commit();
    holder.reset();
    co_await calls.join();
    EXPECT_TRUE(closed);
    co_await failure_of<unavailable>(on->query(echo_of(1)));
    co_await failure_of<unavailable>(on->execute_one(echo_of(1)));
  });
}

}  // namespace
}  // namespace micro_sayur::sql::contract
