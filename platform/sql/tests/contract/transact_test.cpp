// SPDX-License-Identifier: Apache-2.0
// Transactions of several trips: which errors run them again, and which do not.
#include "platform/sql/transact.hpp"
#include "platform/sql/tests/contract/contract.hpp"

namespace micro_sayur::sql::contract {
namespace {

constexpr auto schema = "CREATE TABLE numbers (n bigint PRIMARY KEY, m bigint NOT NULL); INSERT INTO numbers VALUES (1, 0), (2, 0)";
constexpr statement add_one{"add_one", "UPDATE numbers SET m = m + 1 WHERE n = $1"};
constexpr statement sum{"sum", "SELECT CAST(sum(m) AS bigint) FROM numbers"};
constexpr statement read_number{"read_number", "SELECT m FROM numbers WHERE n = $1"};
constexpr statement see_one_snapshot{"see_one_snapshot", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"};
constexpr statement lose{"lose", "SELECT lose()"};
constexpr statement ask_too_much{"ask_too_much", "SELECT ask_too_much()"};
constexpr statement end_who_commits{
    "end_who_commits",
    "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'COMMIT' AND "
    "wait_event = 'PgSleep') AS ended"};

async::task<> expect_sum(database& on, std::int64_t wanted) {
  const auto found = co_await on.query(sum);
  EXPECT_EQ(found[0].get<std::int64_t>(0), wanted);
}

TEST_P(DatabaseContract, ATransactionIsKeptOrRolledBackWithItsResult) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    const auto kept = co_await transact<int>(on, [](transaction& within) -> async::task<ending<int>> {
      co_await within.run({add_one, {std::int64_t{1}}});
      co_return keep(7);
    });
    EXPECT_EQ(kept, 7);
    const auto dropped = co_await transact<std::string>(on, [](transaction& within) -> async::task<ending<std::string>> {
      co_await within.run({add_one, {std::int64_t{1}}});
      co_return roll_back(std::string("nothing"));
    });
    EXPECT_EQ(dropped, "nothing");
    co_await expect_sum(on, 1);
  });
}

TEST_P(DatabaseContract, ATransactionThatFailsForAnotherReasonIsRunOnce) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    int runs = 0;
    co_await failure_of<std::runtime_error>(run_transaction(on, [&runs](transaction& within) -> async::task<bool> {
      ++runs;
      co_await within.run({add_one, {std::int64_t{1}}});
      throw std::runtime_error("no");
    }));
    EXPECT_EQ(runs, 1);
    co_await expect_sum(on, 0);
  });
}

class PostgresTransact : public testing::Test {
 protected:
  void on_numbers(std::function<async::task<>(database&)> body, const options& with = {.pool_size = 6, .cores = 1}) {
    contract::on_database(*in_, with, [&body](database& on) -> async::task<> {
      co_await run_script(on, schema);
      co_await body(on);
    });
  }

 private:
  std::unique_ptr<sandbox> in_ = make_postgres_sandbox();
};

/// Each waits for the other to hold its first row: a deadlock, of which PostgreSQL gives one up.
TEST_F(PostgresTransact, RunsAgainAfterADeadlock) {
  on_numbers([](database& on) -> async::task<> {
    int runs = 0;
    int holding = 0;
    const auto cross = [&](std::int64_t first, std::int64_t second) -> async::task<> {
      co_await run_transaction(on, [&, first, second](transaction& within) -> async::task<bool> {
        ++runs;
        co_await within.run({add_one, {first}});
        ++holding;
        while (holding < 2) co_await async::sleep_for(1ms);
        co_await within.run({add_one, {second}});
        co_return true;
      });
    };
    async::task_group both(co_await this_coro::executor);
    both.spawn("forwards", [&cross] { return cross(1, 2); });
    both.spawn("backwards", [&cross] { return cross(2, 1); });
    co_await both.join();
    EXPECT_EQ(runs, 3);
    co_await expect_sum(on, 4);
  });
}

TEST_F(PostgresTransact, RunsAgainAfterASerializationFailure) {
  on_numbers([](database& on) -> async::task<> {
    int runs = 0;
    co_await run_transaction(on, [&](transaction& within) -> async::task<bool> {
      ++runs;
      co_await within.run(see_one_snapshot);
      co_await within.run({read_number, {std::int64_t{1}}});
      if (runs == 1) co_await on.execute_one({add_one, {std::int64_t{1}}});
      co_await within.run({add_one, {std::int64_t{1}}});
      co_return true;
    });
    EXPECT_EQ(runs, 2);
    co_await expect_sum(on, 2);
  });
}

/// The plan is unfit on every connection, and made anew on every one.
TEST_F(PostgresTransact, RunsAgainOnceAfterAColumnGotAnotherType) {
  if (!prepares_statements()) GTEST_SKIP() << "no plan is kept that could be unfit";
  on_numbers([](database& on) -> async::task<> {
    int runs = 0;
    const auto read = [&](transaction& within) -> async::task<bool> {
      ++runs;
      co_await within.run({add_one, {std::int64_t{2}}});
      const auto found = co_await within.run({read_number, {std::int64_t{1}}});
      co_return found.size() == 1;
    };
    std::vector<std::unique_ptr<transaction>> open;
    for (int i = 0; i < 4; ++i) {
      open.push_back(co_await on.begin());
      co_await open.back()->run({read_number, {std::int64_t{1}}});
    }
    open.clear();
    co_await run_script(on, "ALTER TABLE numbers ALTER COLUMN m TYPE integer");
    co_await run_transaction(on, read);
    EXPECT_EQ(runs, 2);
    for (int i = 0; i < 8; ++i) co_await run_transaction(on, read);
    EXPECT_EQ(runs, 10) << "one change is noticed once";
    co_await expect_sum(on, 9);
  });
}

TEST_F(PostgresTransact, GivesUpWhatAlwaysLoses) {
  on_numbers([](database& on) -> async::task<> {
    co_await run_script(on,
                        "CREATE FUNCTION lose() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'lost' USING ERRCODE = '40001'; END $$;"
                        "CREATE FUNCTION ask_too_much() RETURNS void LANGUAGE plpgsql AS"
                        " $$ BEGIN RAISE 'never' USING ERRCODE = '0A000'; END $$");
    int runs = 0;
    const auto running = [&runs](const statement& what) {
      return [&runs, &what](transaction& within) -> async::task<bool> {
        ++runs;
        co_await within.run({add_one, {std::int64_t{1}}});
        co_await within.run(what);
        co_return true;
      };
    };
    const auto lost = co_await failure_of<conflict>(run_transaction(on, running(lose)));
    EXPECT_NE(lost.find("lost"), std::string::npos) << lost;
    EXPECT_EQ(runs, 5);
    runs = 0;
    bool is_ours = false;
    try {
      co_await run_transaction(on, running(ask_too_much));
    } catch (const error& failure) {
      is_ours = typeid(failure) == typeid(error);
    }
    EXPECT_TRUE(is_ours) << "a statement that no plan helps is a fault of ours";
    EXPECT_EQ(runs, 2);
    co_await expect_sum(on, 0);
  });
}

TEST_F(PostgresTransact, BeginsNoneAfterItsDeadline) {
  on_numbers(
      [](database& on) -> async::task<> {
        co_await run_script(on,
                            "CREATE FUNCTION lose() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.25);"
                            " RAISE 'lost' USING ERRCODE = '40001'; END $$");
        int runs = 0;
        co_await failure_of<conflict>(run_transaction(on, [&runs](transaction& within) -> async::task<bool> {
          ++runs;
          co_await within.run(lose);
          co_return true;
        }));
        EXPECT_EQ(runs, 2);
      },
      {.call_timeout = 400ms, .pool_size = 6, .cores = 1});
}

/// The session ends while the server commits: nobody knows what became of it.
TEST_F(PostgresTransact, RunsNothingAgainAfterACommitOfUnknownOutcome) {
  on_numbers([](database& on) -> async::task<> {
    co_await run_script(
        on,
        "CREATE FUNCTION commit_slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER slowly AFTER UPDATE ON numbers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        " EXECUTE FUNCTION commit_slowly()");
    int runs = 0;
    async::task_group beside(co_await this_coro::executor);
    beside.spawn("committing", [&]() -> async::task<> {
      co_await failure_of<unavailable>(run_transaction(on, [&runs](transaction& within) -> async::task<bool> {
        ++runs;
        co_await within.run({add_one, {std::int64_t{1}}});
        co_return true;
      }));
    });
    for (std::int64_t ended = 0; ended == 0;) {
      const auto found = co_await on.execute_one(end_who_commits);
      ended = found[0].get<std::int64_t>(0);
    }
    co_await beside.join();
    EXPECT_EQ(runs, 1);
  });
}

}  // namespace
}  // namespace micro_sayur::sql::contract
