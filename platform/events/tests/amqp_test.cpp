// SPDX-License-Identifier: Apache-2.0
// What only a broker can do to a transport: be away, die, freeze, lose its queues.
#include "platform/async/task_group.hpp"
#include "platform/events/amqp/message.hpp"
#include "platform/events/tests/transport_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace micro_sayur::events::amqp {
namespace {

namespace this_coro = boost::asio::this_coro;
using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

/// A connection of the test's own, beside those of the transport.
connection connect() {
  connection made(test_broker());
  made.open_channel(1);
  return made;
}

/// The next message of a queue, waited for. Blocks: what puts it there must need this core no more.
message fetch(connection& from, const std::string& queue) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < end) {
    const auto reply = amqp_basic_get(from.native(), 1, to_bytes(queue), 1);
    from.check(reply, "get");
    if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD) continue;
    amqp_message_t content;
    from.read_message(1, content);
    message found{.exchange = {},
                  .routing_key = {},
                  .id = std::string(to_view(content.properties.message_id)),
                  .body = std::string(to_view(content.body)),
                  .headers = text_headers(content.properties)};
    amqp_destroy_message(&content);
    return found;
  }
  throw std::runtime_error("nothing arrived in " + queue);
}

handler collecting(std::set<std::int64_t>& into) {
  return [&into](delivery what) -> async::task<disposition> {
    into.insert(sequence_of(what));
    co_return disposition::acknowledge();
  };
}

TEST(AmqpTransport, KeepsWhatIsPublishedBeforeAConsumerEverStarted) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted);
    const auto outcomes = co_await out->publish({make_event(1)});
    EXPECT_THAT(outcomes, ElementsAre(publish_outcome::confirmed));
    std::set<std::int64_t> handled;
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    in->start(collecting(handled));
    co_await until([&] { return handled.contains(1); });
    co_await in->stop();
    co_await out->close();
  });
}

TEST(AmqpTransport, ReportsAnEventThatNoQueueWants) {
  on_core([]() -> async::task<> {
    const auto out = make_publisher(test_broker(), fresh_topology());
    auto unwanted = make_event(2);
    unwanted.type = "test.unknown";
    const auto outcomes = co_await out->publish({make_event(1), unwanted, make_event(3)});
    EXPECT_THAT(outcomes, ElementsAre(publish_outcome::confirmed, publish_outcome::unroutable, publish_outcome::confirmed));
    co_await out->close();
  });
}

TEST(AmqpTransport, CarriesIdAndTraceContextInTheMessage) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted);
    const auto event = make_event(1);
    co_await publish_surely(*out, {event});
    auto beside = connect();
    const auto found = fetch(beside, wanted.queue);
    EXPECT_EQ(found.id, event.id.to_string());
    EXPECT_EQ(found.body, to_json(event));
    EXPECT_THAT(found.headers, Contains(Pair("traceparent", event.traceparent)));
    EXPECT_THAT(found.headers, Contains(Pair("x-request-id", event.request_id)));
    co_await out->close();
  });
}

TEST(AmqpTransport, SetsDeadLettersAsideWithTheReason) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted);
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    bool refused = false;
    in->start([&](delivery) -> async::task<disposition> {
      refused = true;
      co_return disposition::dead_letter("no such template" + std::string(2'000, '!'));
    });
    const auto event = make_event(1);
    co_await publish_surely(*out, {event});
    co_await until([&] { return refused; });
    auto beside = connect();
    const auto found = fetch(beside, wanted.dead_letter_queue());
    EXPECT_EQ(found.id, event.id.to_string());
    EXPECT_EQ(found.body, to_json(event));
    EXPECT_THAT(found.headers, Contains(Pair("x-reason", "no such template" + std::string(984, '!'))));
    EXPECT_THAT(found.headers, Contains(Pair("x-original-routing-key", "test.event")));
    EXPECT_THAT(found.headers, Contains(Pair("traceparent", event.traceparent)));
    co_await in->stop();
    co_await out->close();
  });
}

TEST(AmqpTransport, DeliversToTheNextConsumerOnlyWhatWasNotAcknowledged) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted);
    std::set<std::int64_t> first, second;
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    in->start([&](delivery what) -> async::task<disposition> {
      const auto sequence = sequence_of(what);
      first.insert(sequence);
      co_return sequence == 1 ? disposition::acknowledge() : disposition::retry();
    });
    co_await publish_surely(*out, {make_event(1), make_event(2)});
    co_await until([&] { return first.size() == 2; });
    co_await in->stop();
    co_await publish_surely(*out, {make_event(3)});
    const auto next = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    next->start(collecting(second));
    co_await until([&] { return second.size() == 2; });
    EXPECT_THAT(second, ElementsAre(2, 3));
    co_await next->stop();
    co_await out->close();
  });
}

TEST(AmqpTransport, DeclaresAgainWhatWasDeleted) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted);
    std::set<std::int64_t> handled;
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    in->start(collecting(handled));
    co_await publish_surely(*out, {make_event(1)});
    co_await until([&] { return handled.contains(1); });
    auto beside = connect();
    amqp_queue_delete(beside.native(), 1, to_bytes(wanted.queue), 0, 0);
    beside.check_last("delete the queue");
    amqp_exchange_delete(beside.native(), 1, to_bytes(wanted.exchange), 0);
    beside.check_last("delete the exchange");
    co_await publish_surely(*out, {make_event(2)});
    co_await until([&] { return handled.contains(2); });
    co_await in->stop();
    co_await out->close();
  });
}

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

TEST(AmqpTransport, LosesNothingConfirmedWhenTheBrokerIsKilled) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted, {.deadline = 2s});
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

TEST(AmqpTransport, DoesNotSettleOnANewConnectionWhatAnOldOneDelivered) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted);
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

TEST(AmqpTransport, ToleratesABrokerThatIsAwayAtStart) {
  on_core([]() -> async::task<> {
    co_await control_broker("stop");
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted, {.deadline = 300ms});
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

TEST(AmqpTransport, StopsWhileTheBrokerIsAway) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted);
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

TEST(AmqpTransport, AnswersAtTheDeadlineWhenTheBrokerIsFrozen) {
  on_core([]() -> async::task<> {
    const auto out = make_publisher(test_broker(), fresh_topology(), {.deadline = 300ms});
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

TEST(AmqpTransport, SaysWhyItCannotLogInWithoutTellingThePassword) {
  auto parameters = test_broker();
  parameters.password = [] { return "wrong-secret"; };
  try {
    const connection refused(parameters);
    FAIL() << "a wrong password was accepted";
  } catch (const connection_error& failure) {
    EXPECT_THAT(failure.what(), testing::HasSubstr("ACCESS_REFUSED"));
    EXPECT_THAT(failure.what(), testing::Not(testing::HasSubstr("wrong-secret")));
  }
}

TEST(AmqpTransport, ConnectsOverTlsToAServerThatItsAuthorityVouchesFor) {
  on_core([]() -> async::task<> {
    const auto out = make_publisher(test_broker_over_tls(), fresh_topology());
    const auto outcomes = co_await out->publish({make_event(1)});
    EXPECT_THAT(outcomes, ElementsAre(publish_outcome::confirmed));
    co_await out->close();
  });
}

TEST(AmqpTransport, RefusesAServerWhoseCertificateNoAuthorityVouchesFor) {
  auto parameters = test_broker_over_tls();
  parameters.ca_file.clear();
  EXPECT_THROW(connection{parameters}, connection_error);
}

}  // namespace
}  // namespace micro_sayur::events::amqp
