// SPDX-License-Identifier: Apache-2.0
#include "platform/events/direct/direct_transport.hpp"
#include "platform/events/tests/outbox_fixture.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::events {
namespace {

class RelayContract : public tables_contract {};

async::task<> store_many(sql::database& on, std::int64_t events) {
  for (std::int64_t i = 0; i < events; i += 50) {
    std::vector<cloud_event> some;
    for (std::int64_t j = i; j < std::min(i + 50, events); ++j) some.push_back(make_event(j));
    co_await store(on, std::move(some));
  }
}

TEST_P(RelayContract, PublishesWhatIsCommittedAndKeepsItsAttributes) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    counting_publisher to;
    running_relay relay(where, on, to);
    const auto event = make_event(7);
    co_await store(on, {event});
    relay.works.wake();
    co_await until_published(on, 1);
    EXPECT_EQ(to.last[7], event);
    EXPECT_NE(relay.metrics.render().find(R"(sayur_outbox_published_total{type="test.event"} 1)"), std::string::npos);
    co_await relay.works.stop();
  });
}

TEST_P(RelayContract, TellsOfEachEventOnceWhenItIsConfirmed) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    counting_publisher to;
    to.answer = publish_outcome::unknown;
    std::vector<relayed_event> told;
    const auto note = [&told](const relayed_event& what) { told.push_back(what); };
    running_relay relay(where, on, to, {.poll = 20ms, .longest_retry = 50ms, .on_published = note});
    const auto event = make_event(7);
    co_await store(on, {event});
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (to.times[7] < 2 && std::chrono::steady_clock::now() < end) co_await async::sleep_for(5ms);
    EXPECT_TRUE(told.empty());
    to.answer = publish_outcome::confirmed;
    co_await until_published(on, 1);
    co_await relay.works.stop();
    EXPECT_EQ(told.size(), 1U);
    if (told.empty()) co_return;
    EXPECT_EQ(told[0].id, event.id);
    EXPECT_EQ(told[0].request_id, event.request_id);
    EXPECT_EQ(told[0].traceparent, event.traceparent);
  });
}

TEST_P(RelayContract, WhoTakesAnEventContinuesFromTheSpanThatPublishedIt) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    counting_publisher to;
    running_relay relay(where, on, to, {.destination = "exchange", .poll = 20ms});
    auto recorded = make_event(1);
    recorded.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    auto other = make_event(2);
    other.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-00";
    co_await store(on, {recorded, other});
    co_await until_published(on, 2);
    co_await relay.works.stop();
    EXPECT_EQ(to.last[2].traceparent, other.traceparent);
    const auto spans = relay.traces.recorder.spans();
    EXPECT_EQ(spans.size(), 1U);
    if (spans.empty()) co_return;
    EXPECT_EQ(spans[0].name, "publish exchange");
    EXPECT_EQ(spans[0].kind, telemetry::span_kind::producer);
    EXPECT_EQ(spans[0].parent, telemetry::parse_traceparent(recorded.traceparent)->span_id);
    EXPECT_EQ(to.last[1].traceparent, spans[0].context.to_traceparent());
  });
}

TEST_P(RelayContract, FindsEventsOfWhichNobodyTold) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    counting_publisher to;
    running_relay relay(where, on, to);
    co_await async::sleep_for(20ms);
    co_await store(on, {make_event(1)});
    co_await until_published(on, 1);
    EXPECT_EQ(to.times[1], 1);
    co_await relay.works.stop();
  });
}

TEST_P(RelayContract, SeveralRelaysPublishEachEventOnce) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    counting_publisher to;
    running_relay one(where, on, to, {.batch = 10});
    running_relay other(where, on, to, {.batch = 10});
    for (int round = 0; round < 10; ++round) {
      co_await store_many(on, 100);
      one.works.wake();
      other.works.wake();
    }
    co_await until_published(on, 1000);
    EXPECT_EQ(to.times.size(), 100U);
    for (const auto& [sequence, times] : to.times) EXPECT_EQ(times, 10) << sequence;
    co_await one.works.stop();
    co_await other.works.stop();
  });
}

TEST_P(RelayContract, PublishesAgainWhatWasNotConfirmed) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    counting_publisher to;
    to.answer = publish_outcome::unknown;
    running_relay relay(where, on, to, {.poll = 20ms, .longest_retry = 50ms});
    co_await store_many(on, 3);
    relay.works.wake();
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (to.times[2] < 3 && std::chrono::steady_clock::now() < end) co_await async::sleep_for(5ms);
    EXPECT_EQ(co_await count_published(on), 0);
    to.answer = publish_outcome::confirmed;
    co_await until_published(on, 3);
    EXPECT_GE(to.times[2], 4);
    co_await relay.works.stop();
  });
}

TEST_P(RelayContract, ARelayThatDiedLosesItsClaimsWithTheLease) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    co_await store_many(on, 5);
    auto dead = outbox_on(on);
    const auto lost = co_await dead.claim(500ms, 5);
    EXPECT_EQ(lost.events.size(), 5U);
    counting_publisher to;
    running_relay relay(where, on, to, {.poll = 50ms});
    co_await until_published(on, 5);
    for (const auto& [sequence, times] : to.times) EXPECT_EQ(times, 1) << sequence;
    co_await relay.works.stop();
  });
}

TEST_P(RelayContract, GoesOnBesideWhatItCannotOpenAndCountsIt) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    std::vector<std::string> told;
    async::set_background_failure_handler([&told](std::string_view, std::string_view what) { told.emplace_back(what); });
    const auto lost = make_event(1);
    co_await on.execute_one(outbox_insert(lost, seal_under({'z'}).seal(lost.id, lost.data)));
    co_await store(on, {make_event(2)});
    counting_publisher to;
    running_relay relay(where, on, to, {.poll = 20ms});
    co_await until_published(on, 1);
    co_await relay.works.stop();
    async::set_background_failure_handler([](std::string_view, std::string_view) {});
    EXPECT_EQ(to.times, (std::map<std::int64_t, int>{{2, 1}}));
    EXPECT_THAT(told, testing::ElementsAre(testing::HasSubstr(lost.id.to_string())));
    EXPECT_THAT(relay.metrics.render(), testing::HasSubstr(R"(sayur_outbox_publish_failures_total{outcome="unreadable"} 1)"));
  });
}

TEST_P(RelayContract, StopWaitsForOpenOutcomes) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    co_await store_many(on, 20);
    counting_publisher to;
    running_relay relay(where, on, to);
    while (to.times.empty()) co_await async::sleep_for(1ms);
    co_await relay.works.stop();
    EXPECT_EQ(co_await count_published(on), static_cast<std::int64_t>(to.times.size()));
  });
}

TEST_P(RelayContract, HandsEventsToAConsumerInTheSameProcess) {
  with_tables([](sql::database& on, async::executor where) -> async::task<> {
    direct_transport both(where);
    std::map<std::string, int> received;
    both.start([&](delivery what) -> async::task<disposition> {
      ++received[what.body];
      co_return disposition::acknowledge();
    });
    running_relay relay(where, on, both);
    co_await store_many(on, 300);
    relay.works.wake();
    co_await until_published(on, 300);
    EXPECT_EQ(received.size(), 300U);
    for (const auto& [body, times] : received) EXPECT_EQ(times, 1) << body;
    co_await relay.works.stop();
    co_await both.stop();
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, RelayContract, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

TEST(RelayOutage, PublishesEverythingAfterPostgresWasKilled) {
  const auto in = sql::contract::make_postgres_sandbox();
  sql::contract::on_database(*in, {}, [](sql::database& on) -> async::task<> {
    co_await create_tables(on, true);
    counting_publisher to;
    running_relay relay(co_await boost::asio::this_coro::executor, on, to, {.batch = 5, .lease = 1s});
    co_await store_many(on, 200);
    relay.works.wake();
    while (to.times.size() < 20) co_await async::sleep_for(1ms);
    sql::contract::control_postgres("kill");
    sql::contract::control_postgres("start");
    co_await until_published(on, 200);
    EXPECT_EQ(to.times.size(), 200U);
    co_await relay.works.stop();
  });
}

}  // namespace
}  // namespace micro_sayur::events
