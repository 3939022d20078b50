// SPDX-License-Identifier: Apache-2.0
// Which sessions are left when one learns that its server takes no writes any more. A session that sets this for itself is told so by the
// server in the same way as after a demotion.
#include "platform/sql/tests/contract/contract.hpp"

#include <set>

namespace micro_sayur::sql::contract {
namespace {

constexpr statement one{"one", "SELECT CAST(1 AS bigint)"};
constexpr statement own_session{"own_session", "SELECT CAST(pg_backend_pid() AS bigint)"};
constexpr statement other_sessions{"other_sessions",
                                   "SELECT CAST(pid AS bigint) FROM pg_stat_activity WHERE backend_type = 'client backend' AND "
                                   "pid <> pg_backend_pid()"};
constexpr statement only_read{"only_read", "SELECT set_config('default_transaction_read_only', 'on', false)"};
constexpr statement only_read_from_here{"only_read_from_here", "SELECT set_config('transaction_read_only', 'on', true)"};
constexpr statement write{"write", "CREATE TABLE numbers (n bigint)"};
constexpr statement end_session{"end_session", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE CAST(pid AS bigint) = $1"};

class PostgresDemotion : public testing::Test {
 protected:
  void SetUp() override {
    if (has_pooler()) GTEST_SKIP() << "no session is the driver's own: tests/system/test_read_only_database.py demotes a server";
  }

  std::unique_ptr<sandbox> in_ = make_postgres_sandbox();
};

async::task<std::int64_t> session_of(transaction& open) {
  const auto found = co_await open.run(own_session);
  co_return found[0].get<std::int64_t>(0);
}

async::task<std::int64_t> session_of_reader(database& on) {
  const auto found = co_await on.query(own_session);
  co_return found[0].get<std::int64_t>(0);
}

async::task<std::int64_t> session_of_writer(database& on) {
  const auto found = co_await on.execute_one(own_session);
  co_return found[0].get<std::int64_t>(0);
}

async::task<std::set<std::int64_t>> sessions(database& on) {
  const auto found = co_await on.query(other_sessions);
  std::set<std::int64_t> all;
  for (std::size_t i = 0; i < found.size(); ++i) all.insert(found[i].get<std::int64_t>(0));
  co_return all;
}

/// Until so many are there and `gone` is not.
async::task<std::set<std::int64_t>> sessions_without(database& on, std::int64_t gone, std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (true) {
    auto all = co_await sessions(on);
    if ((all.size() == count && !all.contains(gone)) || std::chrono::steady_clock::now() > deadline) co_return all;
    co_await async::sleep_for(10ms);
  }
}

TEST_F(PostgresDemotion, OpenTransactionsGoOnAndALateRefusalLeavesNewSessionsAlone) {
  on_database(*in_, {.pool_size = 6, .cores = 1}, [](database& on) -> async::task<> {
    std::vector<std::unique_ptr<transaction>> open;
    for (int i = 0; i < 3; ++i) {
      open.push_back(co_await on.begin());
      co_await open.back()->run(one);
    }
    const auto all = co_await sessions(on);
    const auto demoted = co_await session_of_writer(on);
    co_await on.execute_one(only_read);
    co_await sessions_without(on, demoted, all.size());
    for (const auto& each : open) co_await each->run(one);

    const auto fresh = co_await session_of_writer(on);
    EXPECT_FALSE(all.contains(fresh));
    const auto late = co_await session_of(*open.front());
    co_await open.front()->run(only_read_from_here);
    co_await failure_of<read_only>(open.front()->run(write));
    open.clear();
    const auto now = co_await sessions_without(on, late, all.size());
    EXPECT_TRUE(now.contains(fresh)) << "it was opened after the one that was refused";
  });
}

TEST_F(PostgresDemotion, AWriterThatComesBackAtOnceLeavesReadersAlone) {
  on_database(*in_, {.pool_size = 2, .cores = 1}, [](database& on) -> async::task<> {
    const auto reader = co_await session_of_reader(on);
    const auto lost = co_await session_of_writer(on);
    co_await on.query({end_session, {lost}});
    auto writer = lost;
    for (const auto deadline = std::chrono::steady_clock::now() + 10s; writer == lost && std::chrono::steady_clock::now() < deadline;) {
      try {
        writer = co_await session_of_writer(on);
      } catch (const unavailable&) {
      }
    }
    EXPECT_NE(writer, lost);
    EXPECT_EQ(co_await session_of_reader(on), reader);
  });
}

}  // namespace
}  // namespace micro_sayur::sql::contract
