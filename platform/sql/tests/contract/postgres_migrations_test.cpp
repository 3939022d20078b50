// SPDX-License-Identifier: Apache-2.0
// Migrations beside others who use the tables: what waits, for how long, and what is left of a file that failed.
#include "platform/sql/migrations.hpp"

#include "platform/sql/tests/contract/contract.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::sql::contract {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::HasSubstr;

constexpr migration things{1, "create_things", "CREATE TABLE things (n bigint NOT NULL)"};
constexpr migration column{2, "add_column", "ALTER TABLE things ADD COLUMN m bigint"};
constexpr migration index{2, "find_things",
                          "-- outside a transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS things_n ON things (n)"};
constexpr std::array before{things};
constexpr std::array with_column{things, column};
constexpr std::array with_index{things, index};

constexpr statement count_things{"count_things", "SELECT count(*) FROM things"};
constexpr statement insert_thing{"insert_thing", "INSERT INTO things VALUES ($1)"};
constexpr statement indexes{"indexes", "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('things_n')"};
constexpr statement cancel_sleepers{"cancel_sleepers",
                                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                                    " AND datname = current_database()"};
constexpr statement columns{"columns", "SELECT count(*) FROM pg_attribute WHERE attrelid = 'things'::regclass AND attname = 'm'"};

/// As the job of a deployment: one connection to read, one to write.
options one_of_each() { return {.pool_size = 2, .cores = 1}; }

async::task<std::int64_t> ask(database& on, const statement& what) {
  const auto found = co_await on.query(what);
  co_return found[0].get<std::int64_t>(0);
}

class PostgresMigrations : public testing::Test {
 protected:
  void SetUp() override {
    if (has_pooler()) GTEST_SKIP() << "migrations go past a pooler";
  }

  /// `body` gets a database as a migration has it, and another one for those who are at work meanwhile.
  void on_two(const std::function<async::task<>(database&, database&)>& body) {
    async::runtime cores(1);
    const auto migrated = in_->open(cores, one_of_each());
    const auto used = in_->open(cores, {.pool_size = 6, .cores = 1});
    cores.run_until_done([&]() -> async::task<> {
      std::exception_ptr failure;
      try {
        co_await migrate(*migrated, "test", before);
        co_await body(*migrated, *used);
      } catch (...) {
        failure = std::current_exception();
      }
      co_await used->close();
      co_await migrated->close();
      if (failure) std::rethrow_exception(failure);
    });
  }

  migration_options quick(std::chrono::milliseconds patience) {
    return {.patience = patience, .first_pause = 50ms, .longest_pause = 100ms, .tell = [this](const std::string& what) {
              told_.push_back(what);
            }};
  }

  std::unique_ptr<sandbox> in_ = make_postgres_sandbox();
  std::vector<std::string> told_;
};

TEST_F(PostgresMigrations, AFileThatDoesNotGetItsLocksIsTriedAgain) {
  on_two([this](database& migrated, database& used) -> async::task<> {
    auto holder = co_await used.begin();
    co_await holder->run(count_things);
    async::task_group others(co_await this_coro::executor);
    others.spawn("holder", [&]() -> async::task<> {
      while (told_.size() < 2) co_await async::sleep_for(5ms);
      holder.reset();
    });
    co_await migrate(migrated, "test", with_column, quick(60s));
    co_await others.join();
    EXPECT_EQ(co_await ask(migrated, columns), 1);
    EXPECT_GE(told_.size(), 2U);
    EXPECT_THAT(told_.front(),
                ContainsRegex("^migration 2 \\(add_column\\) of test did not get its locks at attempt 1, and tries again in .*: "
                              "AccessExclusiveLock of things, held by process [0-9]+ \\(role test, application micro-sayur, idle "
                              "in transaction, in a transaction for [0-9]+ s\\)$"));
  });
}

TEST_F(PostgresMigrations, AFileThatNeverGetsItsLocksSaysWhoHoldsThemAndHoldsNobodyUp) {
  on_two([this](database& migrated, database& used) -> async::task<> {
    const auto holder = co_await used.begin();
    co_await holder->run(count_things);
    std::chrono::steady_clock::duration longest{};
    bool over = false;
    async::task_group others(co_await this_coro::executor);
    others.spawn("reader", [&]() -> async::task<> {
      while (!over) {
        const auto began = std::chrono::steady_clock::now();
        co_await ask(used, count_things);
        longest = std::max(longest, std::chrono::steady_clock::now() - began);
        co_await async::sleep_for(1ms);
      }
    });
    const auto said = co_await failure_of<migration_failed>(migrate(migrated, "test", with_column, quick(1500ms)));
    over = true;
    co_await others.join();
    EXPECT_THAT(said,
                ContainsRegex("^migration 2 \\(add_column\\) of test did not get its locks within 1 s, at [0-9]+ attempts, and took no "
                              "effect; what runs goes on. It last waited for the AccessExclusiveLock of things, held by process"));
    EXPECT_THAT(said, HasSubstr("pg_terminate_backend"));
    EXPECT_EQ(co_await ask(migrated, columns), 0);
    EXPECT_GT(longest, 50ms) << "nobody waited behind the migration";
    EXPECT_LT(longest, 600ms) << "the time-out of calls is 900 ms";
  });
}

TEST_F(PostgresMigrations, AnIndexIsBuiltOutsideATransactionWhileOthersWrite) {
  on_two([this](database& migrated, database& used) -> async::task<> {
    const auto writer = co_await used.begin();
    co_await writer->run({insert_thing, {std::int64_t{1}}});
    async::task_group others(co_await this_coro::executor);
    bool waits = true;
    others.spawn("writer", [&]() -> async::task<> {
      for (std::int64_t n = 2; n < 50; ++n) co_await used.execute_one({insert_thing, {n}});
      waits = false;
      co_await writer->commit();
    });
    co_await migrate(migrated, "test", with_index, quick(60s));
    EXPECT_FALSE(waits) << "the index was there before the transaction that it has to wait for was over";
    co_await others.join();
    const auto found = co_await migrated.query(indexes);
    EXPECT_EQ(found.size(), 1U);
    EXPECT_TRUE(!found.empty() && found[0].get<bool>(0));
    co_await migrate(migrated, "test", with_index, quick(60s));
  });
}

TEST_F(PostgresMigrations, AnIndexThatCannotBeIsTakenAwayAgain) {
  on_two([this](database& migrated, database& used) -> async::task<> {
    for (int i = 0; i < 2; ++i) co_await used.execute_one({insert_thing, {std::int64_t{1}}});
    const auto said = co_await failure_of<migration_failed>(migrate(migrated, "test", with_index, quick(60s)));
    EXPECT_THAT(said, AllOf(HasSubstr("migration 2 (find_things) of test failed and took no effect"), HasSubstr("23505")));
    const auto found = co_await migrated.query(indexes);
    EXPECT_TRUE(found.empty());
    co_await run_script(used, "TRUNCATE things");
    co_await migrate(migrated, "test", with_index, quick(60s));
  });
}

TEST_F(PostgresMigrations, WhatAnInterruptedRunnerLeftIsDroppedAndBuiltAnew) {
  on_two([this](database& migrated, database& used) -> async::task<> {
    for (int i = 0; i < 2; ++i) co_await used.execute_one({insert_thing, {std::int64_t{1}}});
    auto interrupted = co_await used.open_session();
    co_await failure_of<unique_violation>(interrupted->run_script({index.name, index.text}));
    interrupted.reset();
    auto found = co_await migrated.query(indexes);
    EXPECT_TRUE(found.size() == 1 && !found[0].get<bool>(0)) << "there is no index that is not valid";
    co_await run_script(used, "TRUNCATE things");
    co_await migrate(migrated, "test", with_index, quick(60s));
    EXPECT_THAT(told_, Contains(HasSubstr("dropping its index things_n, which is not valid")));
    found = co_await migrated.query(indexes);
    EXPECT_TRUE(found.size() == 1 && found[0].get<bool>(0));
  });
}

TEST_F(PostgresMigrations, AnIndexThatWaitsForOneWhoDoesNotEndSaysForWhom) {
  on_two([this](database& migrated, database& used) -> async::task<> {
    auto old = co_await used.begin();
    co_await old->run({insert_thing, {std::int64_t{1}}});
    const auto said = co_await failure_of<migration_failed>(migrate(migrated, "test", with_index, quick(1s)));
    EXPECT_THAT(said, ContainsRegex("at 1 attempt, .* It last waited for the ShareLock of virtualxid, held by process [0-9]+"));
    EXPECT_THAT(told_, Contains(HasSubstr("left the index things_n, which is not valid; the next run drops it")));
    co_await old->commit();
    old.reset();
    co_await migrate(migrated, "test", with_index, quick(60s));
    const auto found = co_await migrated.query(indexes);
    EXPECT_TRUE(found.size() == 1 && found[0].get<bool>(0));
  });
}

TEST_F(PostgresMigrations, AFileThatIsEndedIsNotTakenForOneThatWaitsForALock) {
  on_two([this](database& migrated, database& used) -> async::task<> {
    const std::array too_slow{things, migration{2, "slow", "SET LOCAL statement_timeout = '50ms'; SELECT pg_sleep(60)"}};
    const auto said = co_await failure_of<migration_failed>(migrate(migrated, "test", too_slow, quick(60s)));
    EXPECT_THAT(said, AllOf(HasSubstr("migration 2 (slow) of test was ended and took no effect"), HasSubstr("SQLSTATE 57014")));
    const std::array cancelled{things, migration{2, "long", "SELECT pg_sleep(60)"}};
    async::task_group operators(co_await this_coro::executor);
    operators.spawn("operator", [&]() -> async::task<> {
      while ((co_await used.query(cancel_sleepers)).empty()) co_await async::sleep_for(5ms);
    });
    EXPECT_THAT(co_await failure_of<migration_failed>(migrate(migrated, "test", cancelled, quick(60s))), HasSubstr("SQLSTATE 57014"));
    co_await operators.join();
    EXPECT_THAT(told_, testing::IsEmpty());
  });
}

TEST_F(PostgresMigrations, WhatStopsAFileHalfWayNamesIt) {
  on_two([this](database& migrated, database&) -> async::task<> {
    for (const std::string code : {"53100", "58030"}) {
      const auto text = "DO $$ BEGIN RAISE 'No space left on device' USING ERRCODE = '" + code + "'; END $$";
      const std::array full{things, migration{2, "full", text}};
      EXPECT_THAT(co_await failure_of<unavailable>(migrate(migrated, "test", full, quick(60s))),
                  AllOf(testing::StartsWith("migration 2 (full) of test was interrupted, "), HasSubstr("No space left"), HasSubstr(code)));
    }
  });
}

/// A runner that waits in a statement for its turn has a snapshot, for whose end the index would wait: each for the other.
TEST_F(PostgresMigrations, RunnersTakeTurnsAlsoOutsideATransaction) {
  async::runtime cores(1);
  std::vector<std::unique_ptr<database>> runners;
  for (int i = 0; i < 4; ++i) runners.push_back(in_->open(cores, one_of_each()));
  cores.run_until_done([&]() -> async::task<> {
    co_await migrate(*runners.front(), "test", before);
    co_await run_script(*runners.front(), "INSERT INTO things SELECT generate_series(1, 200000)");
    async::task_group starting(co_await this_coro::executor);
    for (const auto& runner : runners)
      starting.spawn("runner", [this, &on = *runner]() -> async::task<> {
        try {
          co_await migrate(on, "test", with_index, quick(60s));
        } catch (const std::exception& failure) {
          ADD_FAILURE() << failure.what();
        }
      });
    co_await starting.join();
    const auto found = co_await runners.front()->query(indexes);
    EXPECT_TRUE(found.size() == 1 && found[0].get<bool>(0));
    EXPECT_THAT(told_, Contains("another runner migrates the schema of test: waiting for it"));
    EXPECT_THAT(told_, testing::Not(Contains(HasSubstr("did not get its locks"))));
    for (const auto& runner : runners) co_await runner->close();
  });
}

TEST_F(PostgresMigrations, AFileThatIsWrongSaysWhereAndLeavesNothing) {
  on_two([this](database& migrated, database&) -> async::task<> {
    const std::array unknown{things, migration{2, "wrong", "CREATE TABLE others (n bigint);\n\nALTER TABLE absent ADD COLUMN m bigint;"}};
    const std::array late{things, migration{2, "late", "CREATE TABLE others (n bigint);\nSELECT 1 / n FROM (VALUES (0)) v (n)"}};
    const std::array unmarked{things, migration{2, "unmarked", "CREATE INDEX CONCURRENTLY things_n ON things (n)"}};
    const std::array misspelt{things, migration{2, "misspelt", "CREATE TABLE others (n bigint);\nCREATE TABEL others"}};
    EXPECT_EQ(
        co_await failure_of<migration_failed>(migrate(migrated, "test", misspelt, quick(1s))),
        "migration 2 (misspelt) of test failed and took no effect; what runs goes on. script, line 2: syntax error at or near \"TABEL\" "
        "(SQLSTATE 42601). Mend the file, which this database does not have yet, or the rows that it met, then run migrate again");
    EXPECT_THAT(co_await failure_of<migration_failed>(migrate(migrated, "test", unknown, quick(1s))), HasSubstr("in its statement 2"));
    EXPECT_THAT(co_await failure_of<migration_failed>(migrate(migrated, "test", late, quick(1s))), HasSubstr("division by zero"));
    EXPECT_THAT(co_await failure_of<migration_failed>(migrate(migrated, "test", unmarked, quick(1s))),
                HasSubstr("Begin the file with the line \"-- outside a transaction\""));
    const auto state = co_await check_schema(migrated, "test", before);
    EXPECT_EQ(state.found, 1);
  });
}

}  // namespace
}  // namespace micro_sayur::sql::contract
