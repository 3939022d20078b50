// SPDX-License-Identifier: Apache-2.0
#include "platform/async/fair_queue.hpp"
#include "platform/async/offload_pool.hpp"
#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"
#include "platform/async/turns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/this_coro.hpp>

namespace micro_sayur::async {
namespace {

using namespace std::chrono_literals;

void run(std::function<task<>()> body) { runtime(1).run_until_done(std::move(body)); }

TEST(FairQueue, ServesOwnersInTurns) {
  fair_queue<std::string> queue;
  for (const auto* item : {"greedy 1", "greedy 2", "greedy 3"}) queue.push("greedy", "greedy", std::string(item));
  queue.push("modest", "modest", std::string("modest 1"));
  queue.push("late", "late", std::string("late 1"));
  std::vector<std::string> served;
  while (!queue.empty()) served.push_back(queue.pop());
  EXPECT_THAT(served, testing::ElementsAre("greedy 1", "modest 1", "late 1", "greedy 2", "greedy 3"));
}

TEST(FairQueue, ServesGroupsInTurnsAndOwnersWithinThem) {
  fair_queue<std::string> queue;
  for (const auto* owner : {"many 1", "many 2", "many 3"})
    for (int i = 0; i < 2; ++i) queue.push("many", owner, std::string(owner));
  queue.push("one", "one", std::string("one"));
  std::vector<std::string> served;
  while (!queue.empty()) served.push_back(queue.pop());
  EXPECT_THAT(served, testing::ElementsAre("many 1", "one", "many 2", "many 3", "many 1", "many 2", "many 3"));
}

TEST(FairQueue, TheGreediestMakesRoom) {
  fair_queue<int> queue;
  for (int i = 0; i < 3; ++i) queue.push("greedy", "greedy", i);
  queue.push("modest", "modest", 7);
  EXPECT_FALSE(queue.make_room("greedy", "greedy")) << "for itself it makes none";
  EXPECT_EQ(queue.make_room("another", "another"), 2);
  EXPECT_EQ(queue.size_of("greedy", "greedy"), 2U);
  EXPECT_EQ(queue.make_room("modest", "modest"), std::nullopt) << "not for one that would have as much then";
}

TEST(FairQueue, AGroupOfManyOwnersMakesRoomThoughEachHasOneItem) {
  fair_queue<int> queue;
  for (int i = 0; i < 4; ++i) queue.push("many", std::to_string(i), i);
  EXPECT_EQ(queue.make_room("many", "another"), std::nullopt) << "not for one more of its own";
  EXPECT_TRUE(queue.make_room("one", "one"));
  EXPECT_EQ(queue.size(), 3U);
  queue.push("many", "0", 7);
  queue.push("many", "0", 8);
  EXPECT_EQ(queue.make_room("many", "another"), 8) << "but for whoever has least among its owners";
}

TEST(OffloadPool, AFullQueueTakesTheWorkOfWhoeverHasLeast) {
  run([]() -> task<> {
    offload_pool pool(1, 4, 4);
    std::atomic<bool> let_go = false;
    int greedy_done = 0;
    int greedy_refused = 0;
    bool modest_done = false;
    task_group group(co_await boost::asio::this_coro::executor);
    for (int i = 0; i < 8; ++i)
      group.spawn("greedy", [&]() -> task<> {
        try {
          co_await pool.run([&let_go] { let_go.wait(false); }, "greedy");
          ++greedy_done;
        } catch (const overloaded&) {
          ++greedy_refused;
        }
      });
    group.spawn("modest", [&]() -> task<> {
      co_await pool.run([] {}, "modest");
      modest_done = true;
    });
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, use_task);
    let_go = true;
    let_go.notify_all();
    co_await group.join();
    EXPECT_TRUE(modest_done);
    EXPECT_EQ(greedy_done + greedy_refused, 8);
    EXPECT_GE(greedy_refused, 3);
  });
}

TEST(Turns, OfOneKeyGoOneAfterTheOther) {
  run([]() -> task<> {
    turns line(100);
    int inside = 0;
    int most = 0;
    int ended = 0;
    task_group group(co_await boost::asio::this_coro::executor);
    for (int i = 0; i < 20; ++i)
      group.spawn("turn", [&]() -> task<> {
        const auto held = co_await line.take("key");
        most = std::max(most, ++inside);
        co_await sleep_for(1ms);
        --inside;
        ++ended;
      });
    co_await group.join();
    EXPECT_EQ(most, 1);
    EXPECT_EQ(ended, 20);
  });
}

TEST(Turns, TooManyAreRefusedAndOtherKeysAreFree) {
  run([]() -> task<> {
    turns line(1);
    auto held = co_await line.take("key");
    bool second_had_it = false;
    task_group group(co_await boost::asio::this_coro::executor);
    group.spawn("second", [&]() -> task<> {
      const auto turn = co_await line.take("key");
      second_had_it = turn != nullptr;
    });
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, use_task);
    EXPECT_EQ(co_await line.take("key"), nullptr);
    EXPECT_NE(co_await line.take("another"), nullptr);
    held.reset();
    co_await group.join();
    EXPECT_TRUE(second_had_it);
  });
}

TEST(Turns, WhoeverIsCancelledWhileWaitingLosesNobodysTurn) {
  run([]() -> task<> {
    turns line(10);
    auto held = co_await line.take("key");
    task_group cancelled(co_await boost::asio::this_coro::executor);
    cancelled.spawn("cancelled", [&]() -> task<> { co_await line.take("key"); });
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, use_task);
    cancelled.cancel();
    co_await cancelled.join();
    held.reset();
    EXPECT_NE(co_await line.take("key"), nullptr);
  });
}

}  // namespace
}  // namespace micro_sayur::async
