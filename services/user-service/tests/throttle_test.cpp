// SPDX-License-Identifier: Apache-2.0
#include "platform/async/task_group.hpp"
#include "platform/cache/in_process.hpp"
#include "platform/test_support/fragile_store.hpp"
#include "user-service/adapters/cache/budgets.hpp"
#include "user-service/adapters/cache/cached_login_throttle.hpp"
#include "user-service/tests/fakes.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using micro_sayur::test::fragile_store;
using test::run;

class Throttle : public testing::Test {
 protected:
  static login_attempt attempt(const std::string& account = "budi@example.com", const std::string& network = "192.0.2.1",
                               const std::string& device = "") {
    return {account, network, device};
  }

  /// How long the attempt has to wait; 0 s when it was let in, and then it ends so.
  std::chrono::seconds attempt_ending(attempt_result result, const login_attempt& what) {
    auto begun = run(throttle.begin(what));
    if (const auto* refused = std::get_if<login_throttle::refused>(&begun)) return refused->wait;
    run(throttle.settle(std::get<login_throttle::turn>(std::move(begun)), result));
    return 0s;
  }

  /// Wrong passwords, one after the other, each as soon as it is let in.
  void fail(int times, const login_attempt& what = attempt()) {
    for (int i = 0; i < times; ++i)
      for (auto wait = 1s; wait > 0s; clock.advance(wait)) wait = attempt_ending(attempt_result::failed, what);
  }
  std::chrono::seconds wait(const login_attempt& what = attempt("budi@example.com", "192.0.2.9")) {
    return attempt_ending(attempt_result::unknown, what);
  }

  /// How many of `times` attempts at the same time are let in, each for a moment.
  int let_in_together(int times, attempt_result result, std::function<login_attempt(int)> which = [](int) { return attempt(); }) {
    int let_in = 0;
    const auto all = [&]() -> async::task<> {
      async::task_group group(co_await boost::asio::this_coro::executor);
      for (int i = 0; i < times; ++i)
        group.spawn("attempt", [&, i]() -> async::task<> {
          auto begun = co_await throttle.begin(which(i));
          auto* turn = std::get_if<login_throttle::turn>(&begun);
          if (turn == nullptr) co_return;
          ++let_in;
          co_await async::sleep_for(1ms);
          co_await throttle.settle(std::move(*turn), result);
        });
      co_await group.join();
    };
    run(all());
    return let_in;
  }

  test::world world;
  manual_clock& clock = world.clock;
  fragile_store shared{clock};
  std::unique_ptr<cache::store> local = cache::make_in_process_store(clock);
  cached_login_throttle throttle{shared, *local, clock, world.ids};
};

TEST_F(Throttle, SlowsAnAccountFromItsFifthFailure) {
  fail(4);
  EXPECT_EQ(wait(), 0s);
  fail(1);
  EXPECT_EQ(wait(), 1s);
  EXPECT_EQ(wait(attempt("siti@example.com")), 0s);
  clock.advance(1s);
  EXPECT_EQ(wait(), 0s);
  fail(1);
  EXPECT_EQ(wait(), 2s);
}

TEST_F(Throttle, TellsWhoBeganTheDelay) {
  fail(4);
  auto begun = run(throttle.begin(attempt()));
  EXPECT_EQ(run(throttle.settle(std::get<login_throttle::turn>(std::move(begun)), attempt_result::failed)), 1s);
}

TEST_F(Throttle, SlowsANetworkFromItsHundredthFailure) {
  for (int i = 0; i < 99; ++i) fail(1, attempt("user" + std::to_string(i), "192.0.2.7"));
  EXPECT_EQ(wait(attempt("fresh", "192.0.2.7")), 0s);
  fail(1, attempt("user99", "192.0.2.7"));
  EXPECT_EQ(wait(attempt("fresh", "192.0.2.7")), 1s);
  EXPECT_EQ(wait(attempt("fresh", "192.0.2.8")), 0s);
}

TEST_F(Throttle, SlowsAHomeOfManyNetworksAndNotItsNeighbours) {
  const auto from = [](std::string_view block, int network, int account) {
    return attempt(fmt::format("{} {}@example.com", block, account), fmt::format("{}{:02x}::", block, network));
  };
  const auto fail_from = [&](std::string_view block, int times) {
    for (int i = 0; i < times; ++i) EXPECT_EQ(attempt_ending(attempt_result::failed, from(block, i % 40, i)), 0s);
  };
  const int home = networks_of_a_home * (network_failures_free + 1);
  fail_from("2001:db8:1:1", home - 1);
  EXPECT_EQ(wait(from("2001:db8:1:1", 41, -1)), 0s);
  fail_from("2001:db8:1:1", 1);
  EXPECT_EQ(wait(from("2001:db8:1:1", 41, -1)), 1s);
  EXPECT_EQ(wait(from("2001:db8:1:2", 1, -1)), 0s) << "a neighbour";
  for (int i = 2; i <= networks_of_a_site / networks_of_a_home; ++i) fail_from(fmt::format("2001:db8:1:{:x}", i), home);
  EXPECT_EQ(wait(from("2001:db8:1:f", 1, -1)), 1s) << "the whole site";
  EXPECT_EQ(wait(from("2001:db8:2:1", 1, -1)), 0s) << "another site";
}

TEST_F(Throttle, ANetworkThatHasToWaitWritesNothing) {
  for (int i = 0; i < 100; ++i) fail(1, attempt("user" + std::to_string(i), "192.0.2.7"));
  const auto before = shared.writes;
  for (int i = 0; i < 1000; ++i) EXPECT_GT(wait(attempt("victim" + std::to_string(i), "192.0.2.7")), 0s);
  EXPECT_EQ(shared.writes, before);
}

TEST_F(Throttle, ANetworkGetsOneTryWhenItsDelayEndsHoweverManyAccountsItNames) {
  for (int i = 0; i < 100; ++i) fail(1, attempt("user" + std::to_string(i), "192.0.2.7"));
  clock.advance(60s);
  const auto victim = [](int i) { return attempt("victim" + std::to_string(i), "192.0.2.7"); };
  EXPECT_EQ(let_in_together(100, attempt_result::failed, victim), 1);
}

TEST_F(Throttle, ASuccessClearsTheAccount) {
  fail(4);
  EXPECT_EQ(attempt_ending(attempt_result::succeeded, attempt()), 0s);
  fail(4);
  EXPECT_EQ(wait(), 0s);
}

TEST_F(Throttle, ASuccessDoesNotClearTheNetwork) {
  for (int i = 0; i < 100; ++i) {
    fail(1, attempt("user" + std::to_string(i), "192.0.2.7"));
    if (i < 99) attempt_ending(attempt_result::succeeded, attempt("own@example.com", "192.0.2.7"));
  }
  EXPECT_EQ(wait(attempt("own@example.com", "192.0.2.7")), 1s);
}

TEST_F(Throttle, AThousandGuessesAtOnceGetNoMoreTriesThanOneAfterTheOther) {
  EXPECT_EQ(let_in_together(1000, attempt_result::failed), 5);
  EXPECT_EQ(wait(), 1s);
}

TEST_F(Throttle, TwentyRightOnesAtOnceAreAllLetIn) { EXPECT_EQ(let_in_together(20, attempt_result::succeeded), 20); }

TEST_F(Throttle, AttemptsInTwoInstancesTakeTurns) {
  cached_login_throttle other{shared, *local, clock, world.ids};
  auto begun = run(throttle.begin(attempt()));
  bool ended = false;
  const auto both = [&]() -> async::task<> {
    async::task_group group(co_await boost::asio::this_coro::executor);
    group.spawn("other instance", [&]() -> async::task<> {
      auto second = co_await other.begin(attempt());
      EXPECT_TRUE(ended);
      co_await other.settle(std::get<login_throttle::turn>(std::move(second)), attempt_result::unknown);
    });
    co_await async::sleep_for(20ms);
    ended = true;
    co_await throttle.settle(std::get<login_throttle::turn>(std::move(begun)), attempt_result::unknown);
    co_await group.join();
  };
  run(both());
}

TEST_F(Throttle, ATurnOutlastsThreeHashesThatWaitInAFullQueueOfASlowMachine) {
  const auto begun = run(throttle.begin(attempt()));
  clock.advance(3 * 129 * 100ms);
  const auto turn = std::string(cache_keys::turn) + std::string(cache_keys::account) + "budi@example.com";
  EXPECT_FALSE(run(shared.set_if_absent(turn, "another instance", 1s)));
  clock.advance(1min);
  EXPECT_TRUE(run(shared.set_if_absent(turn, "another instance", 1s))) << "an instance that died does not keep it for ever";
}

TEST_F(Throttle, WhatStrangersDoDoesNotBindAKnownDevice) {
  fail(20);
  EXPECT_GT(wait(), 0s);
  const auto device = attempt("budi@example.com", "192.0.2.1", "nonce");
  EXPECT_EQ(wait(device), 0s);
  fail(4, device);
  EXPECT_EQ(wait(device), 0s);
  fail(1, device);
  EXPECT_EQ(wait(device), 1s);
  EXPECT_EQ(wait(attempt("budi@example.com", "192.0.2.1", "another")), 0s);
}

TEST_F(Throttle, AResetClearsWhatStrangersDid) {
  fail(10);
  EXPECT_GT(wait(), 0s);
  run(throttle.clear("budi@example.com"));
  EXPECT_EQ(wait(), 0s);
}

TEST_F(Throttle, AnAttemptWithoutAVerdictDoesNotCount) {
  for (int i = 0; i < 50; ++i) EXPECT_EQ(wait(attempt()), 0s);
  fail(4);
  EXPECT_EQ(wait(), 0s);
}

TEST_F(Throttle, FailuresAreForgottenAfterTheirWindow) {
  fail(4);
  clock.advance(15min);
  fail(4);
  EXPECT_EQ(wait(), 0s);
}

TEST_F(Throttle, CountsForItselfWhileTheSharedCacheIsAway) {
  shared.away = true;
  fail(5);
  EXPECT_EQ(wait(), 1s);
  shared.away = false;
  EXPECT_EQ(wait(), 1s);
}

TEST_F(Throttle, WithoutRoomForADelayStrangersWaitAndDevicesDoNot) {
  shared.away = true;
  local = cache::make_in_process_store(clock, 100, {{std::string(cache_keys::blocked), 1, cache::budget::when_full::refuse}});
  cached_login_throttle full{shared, *local, clock, world.ids};
  const auto fail_five = [&](const std::string& account) {
    for (int i = 0; i < 5; ++i) run(full.settle(std::get<login_throttle::turn>(run(full.begin(attempt(account)))), attempt_result::failed));
  };
  fail_five("budi@example.com");
  fail_five("siti@example.com");
  EXPECT_TRUE(std::holds_alternative<login_throttle::refused>(run(full.begin(attempt("ani@example.com")))));
  EXPECT_TRUE(std::holds_alternative<login_throttle::turn>(run(full.begin(attempt("ani@example.com", "192.0.2.1", "nonce")))));
}

TEST_F(Throttle, WithoutRoomForDelaysALongerOneOutlivesAShorter) {
  shared.away = true;
  local = cache::make_in_process_store(clock, 100, {{std::string(cache_keys::blocked), 1, cache::budget::when_full::refuse}});
  cached_login_throttle full{shared, *local, clock, world.ids};
  const auto begin = [&](const std::string& account) { return std::get<login_throttle::turn>(run(full.begin(attempt(account)))); };
  const auto fail = [&](login_throttle::turn which) { run(full.settle(std::move(which), attempt_result::failed)); };
  for (int i = 0; i < 11; ++i) {
    fail(begin("budi@example.com"));
    if (i >= 4 && i < 10) clock.advance(std::chrono::seconds(1 << (i - 4)));
  }
  for (int i = 0; i < 4; ++i) fail(begin("ani@example.com"));
  auto of_another = begin("ani@example.com");
  for (int i = 0; i < 6; ++i) {
    fail(begin("siti@example.com"));
    clock.advance(i == 4 ? 1s : 0s);
  }
  fail(std::move(of_another));
  const auto begun = run(full.begin(attempt("eka@example.com")));
  ASSERT_TRUE(std::holds_alternative<login_throttle::refused>(begun));
  EXPECT_EQ(std::get<login_throttle::refused>(begun).wait, 2s);
}

}  // namespace
}  // namespace micro_sayur::user_service
