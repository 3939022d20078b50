// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/tests/contract/contract.hpp"

namespace micro_sayur::cache::contract {
namespace {

template <const char* Action>
struct at_end {
  ~at_end() { control_redis(Action); }
};
constexpr char start[] = "start";
constexpr char resume[] = "resume";

async::task<> expect_unavailable_at_once(store& on) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) co_await failure_of(on.get("key"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 250ms);
}

TEST(RedisOutage, KilledServerFailsCallsAtOnceAndRecoversWithoutRestart) {
  on_store("redis", {}, [](store& on) -> async::task<> {
    {
      const at_end<start> later;
      control_redis("kill");
      co_await failure_of(on.ping());
      co_await expect_unavailable_at_once(on);
    }
    co_await until_answering(on);
    co_await on.set(fresh_key(), "value", 1s);
  });
}

TEST(RedisOutage, FrozenServerFailsCallsAtTheirDeadline) {
  on_store("redis", {.call_timeout = 100ms}, [](store& on) -> async::task<> {
    {
      const at_end<resume> later;
      control_redis("pause");
      const auto began = std::chrono::steady_clock::now();
      co_await failure_of(on.get("key"));
      EXPECT_LT(std::chrono::steady_clock::now() - began, 500ms);
    }
    co_await until_answering(on);
  });
}

TEST(RedisOutage, StartsWithoutAServer) {
  auto later = std::make_unique<at_end<start>>();
  control_redis("stop");
  async::runtime cores(1);
  const auto on = open("redis", cores);
  cores.run_until_done([&]() -> async::task<> {
    co_await expect_unavailable_at_once(*on);
    later.reset();
    co_await until_answering(*on);
    co_await on->close();
    co_await failure_of(on->ping());
  });
}

TEST(RedisOutage, WrongPasswordIsToldInTheError) {
  async::runtime cores(1);
  const auto on = open("redis", cores, {.password = "wrong"});
  cores.run_until_done([&]() -> async::task<> {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    std::string message;
    while (message.find("WRONGPASS") == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      message = co_await failure_of(on->ping());
      co_await async::sleep_for(1ms);
    }
    EXPECT_NE(message.find("WRONGPASS"), std::string::npos) << message;
    co_await on->close();
  });
}

}  // namespace
}  // namespace micro_sayur::cache::contract
