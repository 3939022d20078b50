// SPDX-License-Identifier: Apache-2.0
// What only a broker can do to a transport: be away, die, freeze.
#include "platform/async/task_group.hpp"
#include "platform/events/tests/transport_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace micro_sayur::events::amqp {
namespace {

namespace this_coro = boost::asio::this_coro;
using testing::ElementsAre;

/// Publishes batches of 100 until told to stop and notes which events were confirmed.
async::task<> publish_until(const bool& enough, publisher& out, std::int64_t& next, std::set<std::int64_t>& confirmed) {
  while (!enough) {
    const std::int64_t first = std::exchange(next, next + 100);
    std::vector<cloud_event> events;
    for (std::int64_t i = 0; i < 100; ++i) events.push_back(make_event(first + i));
    const auto outcomes = co_await out.publish(std::move(events));
    for (std::int64_t i = 0; i < 100; ++i)
      if (outcomes[static_cast<std::size_t>(i)] == publish_outcome::confirmed) confirmed.insert(first + i);
  }
}

TEST(AmqpOutage, LosesNothingConfirmedWhenTheBrokerIsKilled) {
  on_core([]() -> async::task<> {
    const auto wanted = declared_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange, {.deadline = 2s});
    std::set<std::int64_t> confirmed, handled;
    std::int64_t next = 0;
    bool enough = false;
    async::task_group publishing(co_await this_coro::executor);
    for (int i = 0; i < 8; ++i)
      publishing.spawn("publish", [&]() -> async::task<> { return publish_until(enough, *out, next, confirmed); });
    for (int round = 0; round < 2; ++round) {
      const auto before = confirmed.size();
      co_await until([&] { return confirmed.size() >= before + 1'000; });
      co_await control_broker("kill");
      co_await control_broker("start");
    }
    const auto before = confirmed.size();
    co_await until([&] { return confirmed.size() >= before + 1'000; });
    enough = true;
    co_await publishing.join();
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    in->start(collecting(handled));
    co_await until([&] { return std::ranges::includes(handled, confirmed); });
    co_await in->stop();
    co_await out->close();
  });
}

TEST(AmqpOutage, DoesNotSettleOnANewConnectionWhatAnOldOneDelivered) {
  on_core([]() -> async::task<> {
    const auto wanted = declared_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange);
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted, {.retry_delay = 20ms});
    async::event first_may_end(co_await this_coro::executor), second_may_end(co_await this_coro::executor);
    int deliveries = 0;
    bool other_handled = false;
    in->start([&](delivery what) -> async::task<disposition> {
      other_handled = other_handled || sequence_of(what) == 2;
      if (sequence_of(what) == 2) co_return disposition::acknowledge();
      const int number = ++deliveries;
      if (number == 1) co_await first_may_end.wait();
      if (number == 2) co_await second_may_end.wait();
      co_return number == 2 ? disposition::retry() : disposition::acknowledge();
    });
    co_await publish_surely(*out, {make_event(1)});
    co_await until([&] { return deliveries == 1; });
    co_await control_broker("kill");
    co_await control_broker("start");
    co_await until([&] { return deliveries == 2; });
    first_may_end.set();  // an acknowledgement that belongs to the connection that is gone
    co_await publish_surely(*out, {make_event(2)});
    co_await until([&] { return other_handled; });
    second_may_end.set();
    co_await until([&] { return deliveries == 3; });
    co_await in->stop();
    co_await out->close();
  });
}

TEST(AmqpOutage, ToleratesABrokerThatIsAwayAtStart) {
  on_core([]() -> async::task<> {
    co_await control_broker("stop");
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange, {.deadline = 300ms});
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    std::set<std::int64_t> handled;
    in->start(collecting(handled));
    const auto outcomes = co_await out->publish({make_event(1)});
    EXPECT_THAT(outcomes, ElementsAre(publish_outcome::unknown));
    EXPECT_FALSE(out->connected());
    EXPECT_FALSE(in->connected());
    co_await control_broker("start");
    co_await publish_surely(*out, {make_event(2)});
    co_await until([&] { return handled.contains(2); });
    EXPECT_TRUE(out->connected());
    EXPECT_TRUE(in->connected());
    co_await in->stop();
    co_await out->close();
  });
}

TEST(AmqpOutage, StopsWhileTheBrokerIsAway) {
  on_core([]() -> async::task<> {
    const auto wanted = declared_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange);
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    std::set<std::int64_t> handled;
    in->start(collecting(handled));
    co_await until([&] { return out->connected() && in->connected(); });
    co_await control_broker("kill");
    co_await in->stop();
    co_await out->close();
    co_await control_broker("start");
  });
}

TEST(AmqpOutage, AnswersAtTheDeadlineWhenTheBrokerIsFrozen) {
  on_core([]() -> async::task<> {
    const auto out = make_publisher(test_broker(), declared_topology().exchange, {.deadline = 300ms});
    co_await until([&] { return out->connected(); });
    co_await control_broker("pause");
    const auto began = std::chrono::steady_clock::now();
    const auto outcomes = co_await out->publish({make_event(1)});
    EXPECT_THAT(outcomes, ElementsAre(publish_outcome::unknown));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
    co_await control_broker("resume");
    co_await publish_surely(*out, {make_event(2)});
    co_await out->close();
  });
}

}  // namespace
}  // namespace micro_sayur::events::amqp
