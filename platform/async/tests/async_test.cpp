// SPDX-License-Identifier: Apache-2.0
#include "platform/async/event.hpp"
#include "platform/async/offload_pool.hpp"
#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"

#include <gtest/gtest.h>

#include <latch>

namespace micro_sayur::async {
namespace {

using namespace std::chrono_literals;
namespace this_coro = boost::asio::this_coro;

void on_runtime(std::function<task<>()> body) { runtime(1).run_until_done(std::move(body)); }

TEST(Runtime, RethrowsWhatTheBodyThrows) {
  EXPECT_THROW(on_runtime([]() -> task<> {
                 throw std::runtime_error("no");
                 co_return;
               }),
               std::runtime_error);
}

TEST(Event, WakesItsWaiterAndStaysSet) {
  on_runtime([]() -> task<> {
    event ready(co_await this_coro::executor);
    task_group group(co_await this_coro::executor);
    int woken = 0;
    group.spawn("waiter", [&]() -> task<> {
      co_await ready.wait();
      ++woken;
    });
    co_await sleep_for(1ms);
    EXPECT_EQ(woken, 0);
    ready.set();
    co_await group.join();
    co_await ready.wait();
    EXPECT_EQ(woken, 1);
  });
}

TEST(Event, WaitUntilGivesUpAtTheDeadline) {
  on_runtime([]() -> task<> {
    event never(co_await this_coro::executor);
    EXPECT_FALSE(co_await never.wait_until(std::chrono::steady_clock::now() + 2ms));
  });
}

TEST(TaskGroup, CancelEndsWhatWaitsForever) {
  on_runtime([]() -> task<> {
    task_group group(co_await this_coro::executor);
    event never(co_await this_coro::executor);
    bool went_on = false;
    for (int i = 0; i < 3; ++i)
      group.spawn("stuck", [&]() -> task<> {
        co_await never.wait();
        went_on = true;
      });
    co_await sleep_for(1ms);
    group.cancel();
    co_await group.join();
    EXPECT_FALSE(went_on);
    EXPECT_EQ(group.size(), 0U);
  });
}

TEST(OffloadPool, ReturnsResultsAndExceptions) {
  offload_pool pool(2, 10);
  on_runtime([&]() -> task<> {
    const int answer = co_await pool.run([] { return 42; });
    EXPECT_EQ(answer, 42);
    bool threw = false;
    try {
      co_await pool.run([] { throw std::invalid_argument("bad"); });
    } catch (const std::invalid_argument&) {
      threw = true;
    }
    EXPECT_TRUE(threw);
  });
}

// The address sanitizer sees it when a thread still holds something of a core that is gone.
TEST(OffloadPool, OutlivesTheCoresThatItWorkedFor) {
  offload_pool pool(1, 1);
  for (int round = 0; round < 200; ++round) on_runtime([&]() -> task<> { co_await pool.run([] {}); });
}

TEST(OffloadPool, RefusesAtOnceWhenItsQueueIsFull) {
  std::latch release(1);
  std::latch started(1);
  offload_pool pool(1, 1);
  on_runtime([&]() -> task<> {
    task_group group(co_await this_coro::executor);
    group.spawn("running", [&]() -> task<> {
      co_await pool.run([&] {
        started.count_down();
        release.wait();
      });
    });
    co_await sleep_for(1ms);
    started.wait();
    group.spawn("waiting", [&]() -> task<> { co_await pool.run([] {}); });
    co_await sleep_for(1ms);
    bool refused = false;
    try {
      co_await pool.run([] {});
    } catch (const overloaded&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
    release.count_down();
    co_await group.join();
  });
}

// What the caller owns, `work` may use: a cancelled caller must not go away before the work has ended.
TEST(OffloadPool, ACancelledCallerOutlivesTheWorkThatHasBegun) {
  offload_pool pool(1, 1);
  std::latch started(1);
  std::latch release(1);
  std::atomic<bool> ended = false;
  on_runtime([&]() -> task<> {
    task_group group(co_await this_coro::executor);
    bool caller_went_first = false;
    group.spawn("caller", [&]() -> task<> {
      const std::shared_ptr<void> at_the_end(nullptr, [&](void*) { caller_went_first = !ended; });
      co_await pool.run([&] {
        started.count_down();
        release.wait();
        ended = true;
      });
      ADD_FAILURE() << "the caller was cancelled";
    });
    co_await sleep_for(1ms);
    started.wait();
    group.cancel();
    group.cancel();
    co_await sleep_for(1ms);
    EXPECT_EQ(group.size(), 1U);
    release.count_down();
    co_await group.join();
    EXPECT_TRUE(ended);
    EXPECT_FALSE(caller_went_first);
  });
}

TEST(OffloadPool, WhatHasNotBegunIsNeverDoneForACancelledCaller) {
  std::latch started(1);
  std::latch release(1);
  std::atomic<bool> done = false;
  {
    offload_pool pool(1, 2);
    on_runtime([&]() -> task<> {
      task_group running(co_await this_coro::executor);
      task_group waiting(co_await this_coro::executor);
      running.spawn("running", [&]() -> task<> {
        co_await pool.run([&] {
          started.count_down();
          release.wait();
        });
      });
      co_await sleep_for(1ms);
      started.wait();
      waiting.spawn("waiting", [&]() -> task<> { co_await pool.run([&] { done = true; }); });
      co_await sleep_for(1ms);
      waiting.cancel();
      co_await waiting.join();
      release.count_down();
      co_await running.join();
    });
  }
  EXPECT_FALSE(done);
}

// The address sanitizer sees it when the handler of the deadline touches the event after both were due at once.
TEST(Event, MayEndWhenItsDeadlineIsDue) {
  for (int round = 0; round < 200; ++round)
    on_runtime([]() -> task<> {
      const auto here = co_await this_coro::executor;
      auto waited_for = std::make_unique<event>(here);
      boost::asio::post(here, [&] {
        std::this_thread::sleep_until(std::chrono::steady_clock::now() + 200us);
        if (waited_for) waited_for->set();
      });
      co_await waited_for->wait_until(std::chrono::steady_clock::now() + 100us);
      waited_for.reset();
      co_await sleep_for(1us);
    });
}

}  // namespace
}  // namespace micro_sayur::async
