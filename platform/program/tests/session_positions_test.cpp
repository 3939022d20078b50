// SPDX-License-Identifier: Apache-2.0
#include "platform/program/session_positions.hpp"

#include "platform/async/runtime.hpp"
#include "platform/test_support/fragile_store.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::program {
namespace {

using namespace std::chrono_literals;

/// A writer with one replica, or none, that tells where its log is.
class replicated final : public sql::database {
 public:
  std::size_t replica_count = 1;
  bool away = false;

  async::task<sql::result> query(sql::call) override { co_return sql::result(); }
  async::task<std::vector<sql::result>> execute(std::vector<sql::call>) override {
    if (away) throw sql::unavailable("away");
    co_return std::vector<sql::result>{{2, {std::int64_t{3}, std::int64_t{700}}, 0}};
  }
  async::task<std::unique_ptr<sql::transaction>> begin() override { throw sql::error("there are no transactions here"); }
  std::chrono::milliseconds call_timeout() const override { return {}; }
  std::string_view system() const override { return "scripted"; }
  sql::pool_state state() const override { return {}; }
  std::vector<sql::replica_state> replicas() const override { return std::vector<sql::replica_state>(replica_count); }
  async::task<> close() override { co_return; }
};

class SessionPositions : public testing::Test {
 protected:
  void note(session_positions& of) {
    async::runtime(1).run_until_done([&] { return of.note(session); });
  }

  consistency wanted(session_positions& of) {
    consistency found;
    async::runtime(1).run_until_done([&]() -> async::task<> { found = co_await of.consistency_for(session); });
    return found;
  }

  manual_clock clock;
  test::fragile_store shared{clock};
  replicated database;
  session_positions here{database, shared, clock, "a"};
  session_positions elsewhere{database, shared, clock, "a"};
  const uuid session{};
};

TEST_F(SessionPositions, WhatASessionWroteIsKnownToEveryInstanceForTwoMinutes) {
  EXPECT_TRUE(wanted(here).allows_replica());
  EXPECT_FALSE(wanted(here).known());
  note(here);
  EXPECT_EQ(wanted(elsewhere).known(), (log_position{.timeline = 3, .offset = 700}));
  clock.advance(session_positions::lifetime);
  EXPECT_FALSE(wanted(elsewhere).known());
}

TEST_F(SessionPositions, TheWriterIsReadWhileTheCacheDoesNotAnswerOrHoldsNonsense) {
  shared.away = true;
  EXPECT_FALSE(wanted(here).allows_replica());
  shared.away = false;
  async::runtime(1).run_until_done([&] { return shared.set("written:a:" + session.to_string(), "nonsense", 1s); });
  EXPECT_FALSE(wanted(here).allows_replica());
}

TEST_F(SessionPositions, WhoCouldNotNoteReadsFromTheWriterForTwoMinutes) {
  for (bool* const lost : {&shared.away, &database.away}) {
    *lost = true;
    note(here);
    *lost = false;
    EXPECT_FALSE(wanted(here).allows_replica());
    clock.advance(session_positions::lifetime);
    EXPECT_TRUE(wanted(here).allows_replica());
  }
}

TEST_F(SessionPositions, WithoutReplicasNothingIsNoted) {
  database.replica_count = 0;
  session_positions alone{database, shared, clock, "a"};
  note(alone);
  EXPECT_EQ(shared.writes, 0);
  EXPECT_FALSE(wanted(alone).allows_replica());
}

}  // namespace
}  // namespace micro_sayur::program
