// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/tests/contract/contract.hpp"

#include <atomic>

namespace micro_sayur::cache::contract {
namespace {

class StoreContract : public testing::TestWithParam<std::string> {
 protected:
  void on_store(std::function<async::task<>(store&)> body, const options& with = {}) {
    contract::on_store(GetParam(), with, std::move(body));
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::Values("redis", "in_process"), [](const auto& given) { return given.param; });

async::task<> until_gone(store& from, std::string key) {
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto found = co_await from.get(key);
    if (!found) co_return;
    co_await async::sleep_for(2ms);
  }
  ADD_FAILURE() << "the entry does not expire";
}

TEST_P(StoreContract, KeepsReplacesAndRemoves) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    EXPECT_EQ(co_await on.get(key), std::nullopt);
    co_await on.set(key, "first", 1min);
    co_await on.set(key, "second", 1min);
    EXPECT_EQ(co_await on.get(key), "second");
    const auto other = fresh_key();
    co_await on.set(other, "third", 1min);
    co_await on.remove({key, other});
    co_await on.remove({key});
    EXPECT_EQ(co_await on.get(key), std::nullopt);
    EXPECT_EQ(co_await on.get(other), std::nullopt);
  });
}

TEST_P(StoreContract, SetsWhatIsAbsentAndReplacesNothing) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    EXPECT_TRUE(co_await on.set_if_absent(key, "first", 1min));
    EXPECT_FALSE(co_await on.set_if_absent(key, "second", 1min));
    EXPECT_EQ(co_await on.get(key), "first");
    co_await on.remove_if_equal(key, "second");
    EXPECT_EQ(co_await on.get(key), "first");
    co_await on.remove_if_equal(key, "first");
    EXPECT_EQ(co_await on.get(key), std::nullopt);
    co_await on.remove_if_equal(key, "first");
  });
}

TEST_P(StoreContract, TellsHowLongAKeyIsThereStill) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    EXPECT_EQ(co_await on.time_left(key), std::nullopt);
    co_await on.set(key, "value", 1min);
    const auto left = co_await on.time_left(key);
    EXPECT_TRUE(left.has_value());
    EXPECT_LE(*left, 1min);
    EXPECT_GT(*left, 50s);
  });
}

TEST_P(StoreContract, KeepsAnyBytesAsKeyAndValue) {
  on_store([](store& on) -> async::task<> {
    std::string every_byte(256, '\0');
    for (std::size_t i = 0; i < every_byte.size(); ++i) every_byte[i] = static_cast<char>(i);
    const auto prefix = fresh_key();
    co_await on.set(prefix + every_byte, every_byte, 10s);
    co_await on.set(prefix, "", 10s);
    const std::string large(1'000'000, '\r');
    co_await on.set(prefix + "large", large, 10s);
    EXPECT_EQ(co_await on.get(prefix + every_byte), every_byte);
    EXPECT_EQ(co_await on.get(prefix), "");
    EXPECT_EQ(co_await on.get(prefix + "large"), large);
  });
}

TEST_P(StoreContract, ForgetsAtTheExpiry) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    const auto began = std::chrono::steady_clock::now();
    co_await on.set(key, "value", 100ms);
    co_await until_gone(on, key);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 90ms);
  });
}

TEST_P(StoreContract, SetReplacesTheExpiryToo) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    const auto probe = fresh_key();
    co_await on.set(key, "value", 50ms);
    co_await on.set(key, "value", 1min);
    co_await on.set(probe, "value", 80ms);
    co_await until_gone(on, probe);
    EXPECT_EQ(co_await on.get(key), "value");
    co_await on.remove({key});
  });
}

TEST_P(StoreContract, CountsWithoutProlongingTheExpiry) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(co_await on.increment(key, 200ms), 1);
    while (co_await on.increment(key, 200ms) != 1) {
      if (std::chrono::steady_clock::now() - began > 5s) throw std::runtime_error("the counter never expires");
      co_await async::sleep_for(5ms);
    }
    EXPECT_GE(std::chrono::steady_clock::now() - began, 190ms);
  });
}

TEST_P(StoreContract, CountsBack) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    EXPECT_EQ(co_await on.increment(key, 10s), 1);
    EXPECT_EQ(co_await on.increment(key, 10s), 2);
    EXPECT_EQ(co_await on.decrement(key, 10s), 1);
    EXPECT_EQ(co_await on.decrement(fresh_key(), 10s), -1);
  });
}

TEST_P(StoreContract, RefusesToCountWhatIsNoNumber) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    co_await on.set(key, "text", 10s);
    co_await failure_of(on.increment(key, 10s));
    EXPECT_EQ(co_await on.get(key), "text");
  });
}

TEST_P(StoreContract, SurvivesCancelledCallers) {
  on_store([](store& on) -> async::task<> {
    const auto key = fresh_key();
    co_await on.set(key, "value", 1min);
    for (int round = 0; round < 50; ++round) {
      async::task_group callers(co_await this_coro::executor);
      for (int i = 0; i < 10; ++i)
        callers.spawn("caller", [&on, key, i]() -> async::task<> { co_await on.set(key + std::to_string(i), "other", 1min); });
      co_await async::sleep_for(std::chrono::microseconds(10 * round));
      callers.cancel();
      co_await callers.join();
      EXPECT_EQ(co_await on.get(key), "value");
    }
  });
}

async::task<> ten_thousand_calls(async::runtime& cores, store& on, std::string key, std::atomic<int>& right) {
  constexpr std::int64_t calls = 10'000;
  std::atomic<std::int64_t> ended = 0;
  for (std::int64_t i = 0; i < calls; ++i)
    async::spawn(cores.core(static_cast<std::size_t>(i) % cores.core_count()).get_executor(), "call", [&, key, i]() -> async::task<> {
      try {
        const auto own_key = key + std::to_string(i);
        co_await until_answering(on);
        co_await on.set(own_key, std::to_string(i), 1min);
        const auto found = co_await on.get(own_key);
        if (found == std::to_string(i)) ++right;
        co_await on.increment(key, 1min);
      } catch (const std::exception& failure) {
        ADD_FAILURE() << failure.what();
      }
      ++ended;
    });
  while (ended < calls) co_await async::sleep_for(1ms);
  EXPECT_EQ(co_await on.increment(key, 1min), calls + 1);
}

TEST_P(StoreContract, ServesTenThousandCallersAtOnce) {
  async::runtime cores(2);
  const auto on = open(GetParam(), cores);
  std::atomic<int> right = 0;
  cores.run_until_done([&]() -> async::task<> {
    co_await until_answering(*on);
    co_await ten_thousand_calls(cores, *on, fresh_key(), right);
    co_await on->close();
  });
  EXPECT_EQ(right, 10'000);
}

}  // namespace
}  // namespace micro_sayur::cache::contract
