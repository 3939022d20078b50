// SPDX-License-Identifier: Apache-2.0
// What a broker adds to a transport: queues that last, headers, dead letters.
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

TEST(AmqpTransport, KeepsWhatIsPublishedWhileNoConsumerRuns) {
  on_core([]() -> async::task<> {
    const auto wanted = declared_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange);
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

TEST(AmqpTransport, ReportsWhatIsPublishedBeforeThereIsAQueue) {
  on_core([]() -> async::task<> {
    const auto wanted = fresh_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange);
    EXPECT_THAT(co_await out->publish({make_event(1)}), ElementsAre(publish_outcome::unroutable));
    std::set<std::int64_t> handled;
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    in->start(collecting(handled));
    co_await publish_surely(*out, {make_event(1)});
    co_await until([&] { return handled.contains(1); });
    co_await in->stop();
    co_await out->close();
  });
}

TEST(AmqpTransport, ReportsAnEventThatNoQueueWants) {
  on_core([]() -> async::task<> {
    const auto out = make_publisher(test_broker(), declared_topology().exchange);
    auto unwanted = make_event(2);
    unwanted.type = "test.unknown";
    const auto outcomes = co_await out->publish({make_event(1), unwanted, make_event(3)});
    EXPECT_THAT(outcomes, ElementsAre(publish_outcome::confirmed, publish_outcome::unroutable, publish_outcome::confirmed));
    co_await out->close();
  });
}

TEST(AmqpTransport, CarriesIdAndTraceContextInTheMessage) {
  on_core([]() -> async::task<> {
    const auto wanted = declared_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange);
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
    const auto wanted = declared_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange);
    const auto in = make_consumer(co_await this_coro::executor, test_broker(), wanted);
    bool refused = false;
    in->start([&](delivery) -> async::task<disposition> {
      refused = true;
      co_return disposition::dead_letter("no such\u009b\ntemplate" + std::string(2'000, '!'));
    });
    const auto event = make_event(1);
    co_await publish_surely(*out, {event});
    co_await until([&] { return refused; });
    auto beside = connect();
    const auto found = fetch(beside, wanted.dead_letter_queue());
    EXPECT_EQ(found.id, event.id.to_string());
    EXPECT_EQ(found.body, to_json(event));
    EXPECT_THAT(found.headers, Contains(Pair("x-reason", "no such template" + std::string(981, '!') + "\u2026")));
    EXPECT_THAT(found.headers, Contains(Pair("x-original-routing-key", "test.event")));
    EXPECT_THAT(found.headers, Contains(Pair("traceparent", event.traceparent)));
    co_await in->stop();
    co_await out->close();
  });
}

TEST(AmqpTransport, DeliversToTheNextConsumerOnlyWhatWasNotAcknowledged) {
  on_core([]() -> async::task<> {
    const auto wanted = declared_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange);
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
    const auto wanted = declared_topology();
    const auto out = make_publisher(test_broker(), wanted.exchange);
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

}  // namespace
}  // namespace micro_sayur::events::amqp
