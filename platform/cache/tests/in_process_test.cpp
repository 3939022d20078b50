// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/in_process.hpp"
#include "platform/async/runtime.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::cache {
namespace {

using namespace std::chrono_literals;

class InProcessStore : public testing::Test {
 protected:
  void on_store(std::size_t most_entries, std::function<async::task<>(store&)> body) {
    const auto under_test = make_in_process_store(clock_, most_entries);
    async::runtime(1).run_until_done([&] { return body(*under_test); });
  }

  manual_clock clock_;
};

async::task<bool> holds(store& in, std::string key) {
  const auto found = co_await in.get(std::move(key));
  co_return found.has_value();
}

TEST_F(InProcessStore, ForgetsAnEntryExactlyAtItsExpiry) {
  on_store(10, [this](store& in) -> async::task<> {
    co_await in.set("key", "value", 100ms);
    clock_.advance(99ms);
    EXPECT_TRUE(co_await holds(in, "key"));
    clock_.advance(1ms);
    EXPECT_FALSE(co_await holds(in, "key"));
  });
}

TEST_F(InProcessStore, MakesRoomByDroppingWhatExpiresFirst) {
  on_store(2, [](store& in) -> async::task<> {
    co_await in.set("long", "1", 3s);
    co_await in.set("short", "2", 1s);
    co_await in.set("new", "3", 2s);
    EXPECT_TRUE(co_await holds(in, "long"));
    EXPECT_FALSE(co_await holds(in, "short"));
    EXPECT_TRUE(co_await holds(in, "new"));
  });
}

TEST_F(InProcessStore, KindsOfKeysTakeNoRoomFromEachOther) {
  const auto store = make_in_process_store(clock_, 2, {{"block:", 2, budget::when_full::refuse}, {"count:", 1}});
  async::runtime(1).run_until_done([&]() -> async::task<> {
    co_await store->set("block:1", "", 1s);
    co_await store->set("block:2", "", 2s);
    for (int i = 0; i < 10; ++i) co_await store->increment("count:" + std::to_string(i), 3s);
    for (int i = 0; i < 10; ++i) co_await store->set("other:" + std::to_string(i), "", 3s);
    EXPECT_TRUE(co_await holds(*store, "block:1"));
    EXPECT_TRUE(co_await holds(*store, "block:2"));
    EXPECT_FALSE(co_await holds(*store, "count:8"));
    EXPECT_TRUE(co_await holds(*store, "count:9"));
    bool refused = false;
    try {
      co_await store->set("block:3", "", 1s);
    } catch (const unavailable&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
    clock_.advance(1s);
    co_await store->set("block:3", "", 1s);
    EXPECT_TRUE(co_await holds(*store, "block:3"));
  });
}

TEST_F(InProcessStore, KeepsTheExpiryOfACounter) {
  on_store(10, [this](store& in) -> async::task<> {
    EXPECT_EQ(co_await in.increment("count", 100ms), 1);
    clock_.advance(60ms);
    EXPECT_EQ(co_await in.increment("count", 100ms), 2);
    clock_.advance(40ms);
    EXPECT_EQ(co_await in.increment("count", 100ms), 1);
  });
}

}  // namespace
}  // namespace micro_sayur::cache
