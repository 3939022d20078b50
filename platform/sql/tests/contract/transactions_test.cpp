// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/tests/contract/contract.hpp"

namespace micro_sayur::sql::contract {
namespace {

constexpr auto schema =
    "CREATE TABLE accounts (id bigint PRIMARY KEY, email text, kind bigint, CONSTRAINT accounts_email_unique UNIQUE (email));"
    "CREATE UNIQUE INDEX accounts_id_kind_unique ON accounts (id, kind)";
constexpr auto parent_and_child =
    "CREATE TABLE parents (id bigint PRIMARY KEY);"
    "CREATE TABLE children (id bigint PRIMARY KEY, parent bigint REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)";
constexpr statement insert_account{"insert_account", "INSERT INTO accounts (id, email) VALUES ($1, $2)"};
constexpr statement insert_child{"insert_child", "INSERT INTO children (id, parent) VALUES ($1, $2)"};
constexpr statement count_accounts{"count_accounts", "SELECT count(*) FROM accounts"};
constexpr statement select_nothing_there{"select_nothing_there", "SELECT 1 FROM nothing_there"};

call account(std::int64_t id, std::string email) { return {insert_account, {id, std::move(email)}}; }

async::task<std::int64_t> count(database& on) {
  const auto found = co_await on.query(count_accounts);
  co_return found[0].get<std::int64_t>(0);
}

async::task<std::string> violated_constraint(database& on, call what) {
  try {
    co_await on.execute_one(std::move(what));
  } catch (const unique_violation& violation) {
    co_return violation.constraint();
  }
  co_return "none";
}

TEST_P(DatabaseContract, ShowsATransactionToOthersWhenItCommits) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    const auto open = co_await on.begin();
    co_await open->run(account(1, "a"));
    const auto inside = co_await open->run(count_accounts);
    EXPECT_EQ(inside[0].get<std::int64_t>(0), 1);
    EXPECT_EQ(co_await count(on), 0);
    co_await open->commit();
    EXPECT_EQ(co_await count(on), 1);
  });
}

TEST_P(DatabaseContract, RollsBackATransactionThatIsDestroyed) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    for (int round = 0; round < 20; ++round) {
      auto open = co_await on.begin();
      co_await open->run(account(1, "a"));
      open.reset();
      EXPECT_EQ(co_await count(on), 0);
    }
    co_await on.execute_one(account(1, "a"));
    EXPECT_EQ(co_await count(on), 1);
  });
}

TEST_P(DatabaseContract, RollsBackATransactionThatFailed) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    {
      const auto open = co_await on.begin();
      co_await open->run(account(1, "a"));
      co_await failure_of<unique_violation>(open->run(account(2, "a")));
    }
    EXPECT_EQ(co_await count(on), 0);
  });
}

TEST_P(DatabaseContract, CommitsAnEmptyTransaction) {
  on_database([](database& on) -> async::task<> {
    const auto open = co_await on.begin();
    co_await open->commit();
  });
}

TEST_P(DatabaseContract, ExecutesAllStatementsOrNone) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    co_await failure_of<unique_violation>(on.execute({account(1, "a"), account(2, "b"), account(3, "a")}));
    EXPECT_EQ(co_await count(on), 0);
    const auto done = co_await on.execute({account(1, "a"), count_accounts, account(2, "b")});
    EXPECT_EQ(done.size(), 3U);
    EXPECT_EQ(done[1][0].get<std::int64_t>(0), 1);
    EXPECT_EQ(co_await count(on), 2);
    const auto nothing = co_await on.execute({});
    EXPECT_TRUE(nothing.empty());
  });
}

TEST_P(DatabaseContract, OneFailureAmongManyWritersIsTheOnlyOne) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    async::task_group writers(co_await this_coro::executor);
    int failures = 0;
    for (std::int64_t i = 0; i < 50; ++i)
      writers.spawn("writer", [&on, &failures, i]() -> async::task<> {
        try {
          co_await on.execute(
              {account(i, "address " + std::to_string(i)), account(1000 + i, i == 25 ? "address 0" : "other " + std::to_string(i))});
        } catch (const unique_violation&) {
          ++failures;
        }
      });
    co_await writers.join();
    EXPECT_EQ(failures, 1);
    EXPECT_EQ(co_await count(on), 98);
  });
}

TEST_P(DatabaseContract, FailsWhenTheCommitFails) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, parent_and_child);
    const call orphan{insert_child, {std::int64_t{1}, std::int64_t{99}}};
    co_await failure_of<error>(on.execute_one(orphan));
    const auto open = co_await on.begin();
    co_await open->run(orphan);
    co_await failure_of<error>(open->commit());
  });
}

TEST_P(DatabaseContract, NamesTheUniqueConstraintThatRefused) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    co_await on.execute_one(account(1, "a"));
    EXPECT_EQ(co_await violated_constraint(on, account(2, "a")), "accounts_email_unique");
    EXPECT_EQ(co_await violated_constraint(on, account(1, "b")), "accounts_pkey");
  });
}

TEST_P(DatabaseContract, NamesTheStatementThatIsWrongAndGoesOn) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    for (int round = 0; round < 2; ++round) {
      const auto message = co_await failure_of<error>(on.query(select_nothing_there));
      EXPECT_NE(message.find("select_nothing_there"), std::string::npos) << message;
    }
    co_await failure_of<error>(on.execute({account(1, "a"), select_nothing_there, account(2, "b")}));
    EXPECT_EQ(co_await count(on), 0);
    co_await on.execute({account(1, "a"), account(2, "b")});
    EXPECT_EQ(co_await count(on), 2);
  });
}

TEST(PostgresTransactions, AreReadCommittedWhateverTheServersDefaultIs) {
  static constexpr statement isolation{"isolation", "SELECT setting, source FROM pg_settings WHERE name = 'default_transaction_isolation'"};
  const auto in = make_postgres_sandbox();
  on_database(*in, {}, [](database& on) -> async::task<> {
    const auto found = co_await on.query(isolation);
    EXPECT_EQ(found[0].get<std::string>(0), "read committed");
    EXPECT_EQ(found[0].get<std::string>(1), has_pooler() ? "database user" : "client") << "it must not be left to the server";
  });
}

TEST_P(DatabaseContract, QueryRefusesToWrite) {
  on_database([](database& on) -> async::task<> {
    co_await run_script(on, schema);
    co_await failure_of<error>(on.query(account(1, "a")));
    EXPECT_EQ(co_await count(on), 0);
  });
}

}  // namespace
}  // namespace micro_sayur::sql::contract
