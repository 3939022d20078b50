// SPDX-License-Identifier: Apache-2.0
// How partitions are made, and what is found in them.
#include "platform/events/replay.hpp"
#include "platform/events/stray_rows.hpp"
#include "platform/events/tests/partitions_fixture.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace micro_sayur::events {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr sql::statement ask_commit{"test_ask_commit", "SELECT current_setting('synchronous_commit')"};

TEST_F(Partitions, AreMadeAheadAndNoMoreThanThat) {
  with_tables([](sql::database& on) -> async::task<> {
    EXPECT_EQ(co_await make(on), 3) << "of now and two quarters of the hour to come";
    EXPECT_EQ(co_await make(on), 0);
    const auto made = co_await partitions(on, "outbox");
    for (const int minutes : {0, 15, 29}) {
      const auto event = event_of(system_clock().now() + std::chrono::minutes(minutes));
      co_await store(on, {event});
      EXPECT_THAT(made, testing::Contains(co_await partition_with(on, event.id))) << minutes;
    }
    EXPECT_THAT(co_await partitions(on, "inbox"), SizeIs(3));
  });
}

/// Of a large default partition, which is read each time, one may be all that time allows.
TEST_F(Partitions, AreMadeOneACallTheLastFirst) {
  with_tables([](sql::database& on) -> async::task<> {
    EXPECT_EQ(co_await make_one(on, outbox_retention(keep)[0]), 1);
    const auto first = co_await partitions(on, "outbox");
    EXPECT_EQ(co_await make(on), 2);
    EXPECT_THAT(first, ElementsAre((co_await partitions(on, "outbox")).back()));
  });
}

TEST_F(Partitions, AreMadeAndDroppedWithoutWaitingForAStandby) {
  with_tables([](sql::database& on) -> async::task<> {
    for (const std::size_t each : {0, 1}) {
      const auto open = co_await on.begin();
      const auto done = co_await open->run({*outbox_retention(keep)[each].remove, {system_clock().now() + 3h * each, std::int64_t{500}}});
      EXPECT_FALSE(done.empty()) << each;
      const auto found = co_await open->run(ask_commit);
      EXPECT_EQ(found[0].get<std::string>(0), "local") << each;
      co_await open->commit();
      co_await make(on);
    }
  });
}

TEST_F(Partitions, AreMadeAllByTheTaskAndFillWhatIsBetween) {
  with_tables([](sql::database& on) -> async::task<> {
    co_await make(on);
    const auto all = co_await partitions(on, "outbox");
    co_await sql::contract::run_script(on, "DROP TABLE " + all[1]);
    async::task_group pruner(co_await boost::asio::this_coro::executor);
    pruner.spawn("pruner", [&] { return sql::prune_forever(on, inbox_retention(30h), {.between_batches = 1ms, .between_rounds = 1h}); });
    pruner.spawn("pruner", [&] { return sql::prune_forever(on, outbox_retention(keep), {.between_batches = 1ms, .between_rounds = 1h}); });
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < end &&
           ((co_await partitions(on, "outbox")).size() < 3 || (co_await partitions(on, "inbox")).size() < 5))
      co_await async::sleep_for(2ms);
    EXPECT_EQ(co_await partitions(on, "outbox"), all);
    EXPECT_GE((co_await partitions(on, "inbox")).size(), 5U) << "longer ones, up to those of an hour";
    pruner.cancel();
    co_await pruner.join();
  });
}

TEST_F(Partitions, AreMissedInALogLineWhenRowsLieInTheDefaultOne) {
  with_tables([](sql::database& on) -> async::task<> {
    std::vector<std::string> told;
    async::task_group watching(co_await boost::asio::this_coro::executor);
    const stray_rows_settings settings{.between_looks = 1ms, .tell = [&](bool has_rows) { told.push_back(has_rows ? "rows" : "none"); }};
    watching.spawn("watch", [&] { return watch_stray_rows(on, partitioned::outbox, settings); });
    const auto until_told = [&](std::size_t times) -> async::task<> {
      for (int i = 0; i < 5000 && told.size() < times; ++i) co_await async::sleep_for(2ms);
    };
    co_await async::sleep_for(20ms);
    co_await store(on, {make_event(1)});
    co_await until_told(1);
    co_await store(on, {make_event(2)});
    co_await async::sleep_for(20ms);
    co_await sql::contract::run_script(on, "DELETE FROM outbox");
    co_await until_told(2);
    EXPECT_THAT(told, ElementsAre("rows", "none"));
    watching.cancel();
    co_await watching.join();
  });
}

TEST_F(Partitions, OfInstancesThatMakeThemAtOnceAreMadeOnce) {
  with_tables([](sql::database& on) -> async::task<> {
    async::task_group at_once(co_await boost::asio::this_coro::executor);
    std::int64_t made = 0;
    int done = 0;
    const std::function<async::task<>()> one = [&]() -> async::task<> {
      made += co_await make(on);
      ++done;
    };
    for (int i = 0; i < 6; ++i) at_once.spawn("make", one);
    co_await at_once.join();
    EXPECT_EQ(made, 3);
    EXPECT_EQ(done, 6) << "nobody fails";
  });
}

TEST_F(Partitions, KnowAnEventThatComesAgainWhateverItsAge) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto is_taken = [&on](const uuid& id) -> async::task<bool> {
      try {
        co_await on.execute_one(inbox_insert("/a", id, "t"));
      } catch (const sql::unique_violation& violation) {
        EXPECT_TRUE(is_duplicate(violation)) << violation.constraint();
        co_return false;
      }
      co_return true;
    };
    const std::array ids{event_of(around(0min)).id, event_of(around(15min)).id, event_of(system_clock().now() - 24h * 400).id,
                         event_of(system_clock().now() + 24h * 400).id, uuid{}};
    EXPECT_TRUE(co_await is_taken(ids[0])) << "before there was a partition";
    co_await make(on);
    for (std::size_t i = 1; i < ids.size(); ++i) EXPECT_TRUE(co_await is_taken(ids[i])) << i;
    co_await make(on);
    for (const auto& id : ids) EXPECT_FALSE(co_await is_taken(id)) << co_await partition_with(on, id);
    EXPECT_NE(co_await partition_with(on, ids[1]), "inbox_default");
  });
}

TEST_F(Partitions, AreNotMadeWhereAClockThatIsAheadHasLeftARow) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto ahead = event_of(around(15min));
    co_await store(on, {ahead});
    EXPECT_EQ(co_await make(on), 2);
    EXPECT_EQ(co_await partition_with(on, ahead.id), "outbox_default");
    auto rows = outbox_on(on);
    const auto claimed = co_await rows.claim(10s, 10);
    EXPECT_EQ(claimed.events, std::vector{ahead});
    co_await rows.mark_published({ahead.id});
    co_await on.execute_one(age_published);
    EXPECT_EQ(co_await tend(on, outbox_retention(keep)[2], system_clock().now() - keep), 1);
  });
}

TEST_F(Partitions, AreMadeLaterWhereSomebodyHoldsTheTable) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto holder = co_await on.begin();
    co_await holder->run(hold_outbox);
    EXPECT_EQ(co_await make(on), 0);
    const auto event = make_event(1);
    co_await store(on, {event});
    EXPECT_EQ(co_await partition_with(on, event.id), "outbox_default") << "nobody waits for a partition";
    co_await holder->commit();
    EXPECT_EQ(co_await make(on), 2) << "of the time to come";
  });
}

/// The plan as it was run, with a line for each partition. What it changed or locked is as before when it is returned.
async::task<std::string> run_plan(sql::database& on, const sql::statement& what, std::string arguments) {
  const auto open = co_await on.begin();
  co_await open->run_script(
      {"prepare", "SAVEPOINT before; SET LOCAL plan_cache_mode = force_generic_plan; PREPARE searched AS " + std::string(what.text)});
  static std::deque<std::string> texts;
  static std::deque<sql::statement> explains;
  explains.push_back({"explain", texts.emplace_back("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE searched (" + arguments + ")")});
  const auto lines = co_await open->run(explains.back());
  std::string plan;
  for (std::size_t i = 0; i < lines.size(); ++i) plan += lines[i].get<std::string>(0) + "\n";
  co_await open->run_script({"deallocate", "ROLLBACK TO before; DEALLOCATE searched"});
  co_await open->commit();
  co_return plan;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(Partitions, WithoutTheRowsAreNotTouchedByAClaimOrAReplay) {
  with_tables([](sql::database& on) -> async::task<> {
    co_await make(on);
    co_await store(on, {event_of(around(15min)), event_of(around(15min))});
    const auto claim = co_await run_plan(on, claim_due, "1000000, 64");
    EXPECT_EQ(count(claim, "(never executed)"), 3U) << "two partitions and the default one\n" << claim;
    auto rows = outbox_on(on);
    const auto claimed = co_await rows.claim(10s, 10);
    EXPECT_EQ(claimed.events.size(), 2U);
    co_await rows.mark_published({claimed.events[0].id, claimed.events[1].id});
    const auto replay = co_await run_plan(on, unpublish, "now() - interval '1 hour', now(), 64");
    EXPECT_EQ(count(replay, "(never executed)"), 3U) << replay;
  });
}

}  // namespace
}  // namespace micro_sayur::events
