// SPDX-License-Identifier: Apache-2.0
// What every transport promises.
#include "platform/async/offload_pool.hpp"
#include "platform/async/task_group.hpp"
#include "platform/events/tests/transport_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace micro_sayur::events {
namespace {

namespace this_coro = boost::asio::this_coro;
using testing::Each;
using testing::ElementsAre;

struct kind {
  std::string name;
  transport (*make)(async::executor);
};

class Transport : public testing::TestWithParam<kind> {
 protected:
  /// Runs `body` with a fresh transport and stops it afterwards.
  static void with_transport(std::function<async::task<>(transport&)> body) {
    on_core([&]() -> async::task<> {
      transport made = GetParam().make(co_await this_coro::executor);
      co_await body(made);
      co_await made.in->stop();
      co_await made.out->close();
    });
  }
};

INSTANTIATE_TEST_SUITE_P(All, Transport, testing::Values(kind{"direct", make_direct_transport}, kind{"amqp", make_amqp_transport}),
                         [](const auto& each) { return each.param.name; });

/// What a handler saw.
struct record {
  std::vector<delivery> seen;

  handler acknowledging() {
    return [this](delivery what) -> async::task<disposition> {
      seen.push_back(std::move(what));
      co_return disposition::acknowledge();
    };
  }

  /// Answers the first `times` deliveries with `first`, later ones with an acknowledgement.
  handler deciding(std::size_t times, disposition first) {
    return [this, times, first](delivery what) -> async::task<disposition> {
      seen.push_back(std::move(what));
      co_return seen.size() <= times ? first : disposition::acknowledge();
    };
  }

  std::vector<std::int64_t> sequences() const {
    std::vector<std::int64_t> found;
    for (const auto& each : seen) found.push_back(sequence_of(each));
    return found;
  }
};

TEST_P(Transport, HandsOverTheEventAsItWasPublished) {
  with_transport([](transport& through) -> async::task<> {
    record handled;
    through.in->start(handled.acknowledging());
    const auto event = make_event(1);
    const auto outcomes = co_await through.out->publish({event});
    EXPECT_THAT(outcomes, ElementsAre(publish_outcome::confirmed));
    co_await until([&] { return handled.seen.size() == 1; });
    EXPECT_EQ(handled.seen[0].routing_key, "test.event");
    EXPECT_FALSE(handled.seen[0].redelivered);
    EXPECT_EQ(parse_cloud_event(handled.seen[0].body), event);
  });
}

TEST_P(Transport, PublishesNothingWithoutEvents) {
  with_transport([](transport& through) -> async::task<> {
    const auto outcomes = co_await through.out->publish({});
    EXPECT_TRUE(outcomes.empty());
  });
}

TEST_P(Transport, GoesOnAfterADeadLetterWhichDoesNotComeAgain) {
  with_transport([](transport& through) -> async::task<> {
    record handled;
    through.in->start(handled.deciding(1, disposition::dead_letter("no such template")));
    co_await publish_surely(*through.out, {make_event(1)});
    co_await publish_surely(*through.out, {make_event(2)});
    co_await until([&] { return handled.seen.size() == 2; });
    EXPECT_THAT(handled.sequences(), ElementsAre(1, 2));
  });
}

TEST_P(Transport, DeliversAgainWhatIsToBeRetried) {
  with_transport([](transport& through) -> async::task<> {
    record handled;
    through.in->start(handled.deciding(2, disposition::retry()));
    co_await publish_surely(*through.out, {make_event(1)});
    co_await until([&] { return handled.seen.size() == 3; });
    EXPECT_THAT(handled.sequences(), ElementsAre(1, 1, 1));
    EXPECT_TRUE(handled.seen[2].redelivered);
  });
}

TEST_P(Transport, DeliversAgainWhatAHandlerFailedOn) {
  with_transport([](transport& through) -> async::task<> {
    int calls = 0;
    through.in->start([&](delivery) -> async::task<disposition> {
      if (++calls == 1) throw std::runtime_error("the database is away");
      co_return disposition::acknowledge();
    });
    co_await publish_surely(*through.out, {make_event(1)});
    co_await until([&] { return calls == 2; });
  });
}

TEST_P(Transport, KeepsTheOrderOfTenThousandEvents) {
  with_transport([](transport& through) -> async::task<> {
    record handled;
    through.in->start(handled.acknowledging());
    async::task_group calls(co_await this_coro::executor);
    for (std::int64_t batch = 0; batch < 100; ++batch) {
      std::vector<cloud_event> events;
      for (std::int64_t i = 0; i < 100; ++i) events.push_back(make_event(batch * 100 + i));
      const auto outcomes = co_await through.out->publish(std::move(events));
      EXPECT_THAT(outcomes, Each(publish_outcome::confirmed));
    }
    co_await until([&] { return handled.seen.size() == 10'000; });
    std::vector<std::int64_t> expected(10'000);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(handled.sequences(), expected);
  });
}

TEST_P(Transport, AnswersCallsThatOverlap) {
  with_transport([](transport& through) -> async::task<> {
    record handled;
    through.in->start(handled.acknowledging());
    async::task_group calls(co_await this_coro::executor);
    std::size_t confirmed = 0;
    for (std::int64_t i = 0; i < 1'000; ++i)
      calls.spawn("publish", [&through, &confirmed, i]() -> async::task<> {
        const auto outcomes = co_await through.out->publish({make_event(i)});
        confirmed += outcomes == std::vector{publish_outcome::confirmed} ? 1 : 0;
      });
    co_await calls.join();
    EXPECT_EQ(confirmed, 1'000U);
    co_await until([&] { return handled.seen.size() == 1'000; });
  });
}

TEST_P(Transport, RefusesMoreEventsThanMayWait) {
  with_transport([](transport& through) -> async::task<> {
    bool refused = false;
    try {
      co_await through.out->publish(std::vector<cloud_event>(10'001, make_event(1)));
    } catch (const async::overloaded&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
  });
}

TEST_P(Transport, HandsNothingOverWhilePaused) {
  with_transport([](transport& through) -> async::task<> {
    bool resumed = false;
    bool handled_while_paused = false;
    int handled = 0;
    through.in->start([&](delivery) -> async::task<disposition> {
      handled_while_paused = handled_while_paused || !resumed;
      ++handled;
      co_return disposition::acknowledge();
    });
    through.in->pause();
    async::task_group calls(co_await this_coro::executor);
    calls.spawn("publish", [&]() -> async::task<> { co_await publish_surely(*through.out, {make_event(1)}); });
    co_await async::sleep_for(50ms);  // room for a fault to show; nothing depends on it
    resumed = true;
    through.in->resume();
    co_await calls.join();
    co_await until([&] { return handled == 1; });
    EXPECT_FALSE(handled_while_paused);
  });
}

TEST_P(Transport, StopWaitsForTheHandlerThatRuns) {
  with_transport([](transport& through) -> async::task<> {
    async::event may_end(co_await this_coro::executor);
    bool began = false, ended = false, stopped = false;
    through.in->start([&](delivery) -> async::task<disposition> {
      began = true;
      co_await may_end.wait();
      ended = true;
      co_return disposition::acknowledge();
    });
    async::task_group others(co_await this_coro::executor);
    others.spawn("publish", [&]() -> async::task<> { co_await through.out->publish({make_event(1)}); });
    co_await until([&] { return began; });
    others.spawn("stop", [&]() -> async::task<> {
      co_await through.in->stop();
      EXPECT_TRUE(ended);
      stopped = true;
    });
    co_await async::sleep_for(20ms);  // room for a fault to show; nothing depends on it
    EXPECT_FALSE(stopped);
    may_end.set();
    co_await others.join();
    EXPECT_TRUE(stopped);
  });
}

}  // namespace
}  // namespace micro_sayur::events
