// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/health.hpp"

#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/this_coro.hpp>

namespace micro_sayur::telemetry {
namespace {

using namespace std::chrono_literals;

TEST(Health, OnlyTheGateDecidesReadiness) {
  async::runtime(1).run_until_done([]() -> async::task<> {
    const system_clock clock;
    bool database_up = true;
    health subject(clock);
    const auto ask_database = [&]() -> async::task<> {
      if (!database_up) throw std::runtime_error("down");
      co_return;
    };
    subject.add_gate(ask_database);
    subject.add("database", ask_database);
    subject.add("redis", []() -> async::task<> {
      throw std::runtime_error("down");
      co_return;
    });
    EXPECT_FALSE(subject.ready());

    async::task_group group(co_await boost::asio::this_coro::executor);
    group.spawn("health", [&] { return subject.run(); });
    co_await async::sleep_for(5ms);
    EXPECT_FALSE(subject.ready()) << "not before start-up has ended";
    subject.started();
    EXPECT_TRUE(subject.ready());
    EXPECT_THAT(subject.to_json(), testing::HasSubstr(R"("services":{"database":"healthy","redis":"unhealthy"})"));
    EXPECT_THAT(subject.to_json(), testing::StartsWith(R"({"status":"degraded","timestamp":"2)"));

    database_up = false;
    for (int i = 0; i < 100 && subject.ready(); ++i) co_await async::sleep_for(50ms);
    EXPECT_FALSE(subject.ready());
    database_up = true;
    for (int i = 0; i < 100 && !subject.ready(); ++i) co_await async::sleep_for(10ms);
    EXPECT_TRUE(subject.ready());
    subject.drain();
    EXPECT_FALSE(subject.ready());
    group.cancel();
    co_await group.join();
  });
}

}  // namespace
}  // namespace micro_sayur::telemetry
