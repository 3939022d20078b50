// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/migrations.hpp"

#include "platform/sql/tests/contract/contract.hpp"

namespace micro_sayur::sql::contract {
namespace {

constexpr migration first{1, "create_things",
                          "CREATE TABLE things (id bigint PRIMARY KEY); CREATE INDEX things_by_id ON things (id);\n-- end"};
constexpr migration second{2, "add_things", "INSERT INTO things VALUES (1);\nINSERT INTO things VALUES (2)"};
constexpr migration third{3, "add_another", "INSERT INTO things VALUES (3)"};
constexpr migration broken{3, "add_again", "INSERT INTO things VALUES (4); INSERT INTO things VALUES (1)"};
constexpr std::array one{first};
constexpr std::array two{first, second};
constexpr std::array three{first, second, third};
constexpr std::array with_broken{first, second, broken};

constexpr statement count_things{"count_things", "SELECT count(*) FROM things"};

async::task<std::int64_t> count(database& on) {
  const auto found = co_await on.query(count_things);
  co_return found[0].get<std::int64_t>(0);
}

TEST_P(DatabaseContract, MigratesStepByStepAndOnlyOnce) {
  on_database([](database& on) -> async::task<> {
    co_await migrate(on, "test", one);
    EXPECT_EQ(co_await count(on), 0);
    co_await migrate(on, "test", three);
    co_await migrate(on, "test", three);
    EXPECT_EQ(co_await count(on), 3);
  });
}

TEST_P(DatabaseContract, RefusesAMigrationThatChanged) {
  on_database([](database& on) -> async::task<> {
    co_await migrate(on, "test", two);
    const std::array changed{first, migration{2, "add_things", "INSERT INTO things VALUES (7)"}};
    co_await failure_of<schema_error>(migrate(on, "test", changed));
    co_await failure_of<schema_error>(check_schema(on, "test", changed));
    EXPECT_EQ(co_await count(on), 2);
  });
}

TEST_P(DatabaseContract, LeavesNothingOfAMigrationThatFails) {
  on_database([](database& on) -> async::task<> {
    const auto said = co_await failure_of<migration_failed>(migrate(on, "test", with_broken));
    EXPECT_TRUE(said.starts_with("migration 3 (add_again) of test failed and took no effect")) << said;
    EXPECT_EQ(co_await count(on), 2);
    co_await migrate(on, "test", three);
    EXPECT_EQ(co_await count(on), 3);
  });
}

TEST_P(DatabaseContract, RunsOnItsOwnSchemaAndTheNextOne) {
  on_database([](database& on) -> async::task<> {
    co_await failure_of<schema_error>(check_schema(on, "test", one));
    co_await migrate(on, "test", one);
    co_await failure_of<schema_error>(check_schema(on, "test", two));
    co_await migrate(on, "test", two);
    const auto same = co_await check_schema(on, "test", two);
    EXPECT_EQ(same.found, same.needed);
    const auto ahead = co_await check_schema(on, "test", one);
    EXPECT_EQ(ahead.needed, 1);
    EXPECT_EQ(ahead.found, 2);
    co_await migrate(on, "test", three);
    co_await failure_of<schema_error>(check_schema(on, "test", one));
    co_await failure_of<schema_error>(migrate(on, "test", one));
  });
}

TEST_P(DatabaseContract, MigratesOnceWhenInstancesStartTogether) {
  async::runtime cores(2);
  std::vector<std::unique_ptr<database>> instances;
  for (int i = 0; i < 4; ++i) instances.push_back(in().open(cores, {.pool_size = 4}));
  cores.run_until_done([&]() -> async::task<> {
    async::task_group starting(co_await this_coro::executor);
    for (const auto& instance : instances)
      starting.spawn("instance", [&on = *instance]() -> async::task<> {
        try {
          while (on.state().connections == 0) co_await async::sleep_for(5ms);  // four open theirs at once
          co_await migrate(on, "test", three);
        } catch (const std::exception& failure) {
          ADD_FAILURE() << failure.what();
        }
      });
    co_await starting.join();
    EXPECT_EQ(co_await count(*instances.front()), 3);
    for (const auto& instance : instances) co_await instance->close();
  });
}

}  // namespace
}  // namespace micro_sayur::sql::contract
