// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/events/event_handler.hpp"

#include "notification-service/tests/log_capture.hpp"
#include "platform/async/runtime.hpp"
#include "platform/sql/error.hpp"
#include "platform/test_support/manual_clock.hpp"
#include "platform/test_support/span_recorder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace micro_sayur::notification_service {
namespace {

using events::disposition;
using testing::HasSubstr;
using testing::Not;

class EventHandler : public testing::Test {
 protected:
  disposition handle(event_handler::intake take, std::string body, bool redelivered = false) {
    event_handler subject(std::move(take), {.system = "rabbitmq", .queue = "queue"}, capture_.log(), metrics_, traces_.tracer, clock_);
    disposition reached;
    async::runtime(1).run_until_done([&]() -> async::task<> {
      reached = co_await subject({.routing_key = "user.password_changed", .body = std::move(body), .redelivered = redelivered});
    });
    return reached;
  }

  static event_handler::intake answers(receive_outcome outcome) {
    return [outcome](incoming_event) -> async::task<receive_outcome> { co_return outcome; };
  }
  template <typename Error>
  static event_handler::intake fails(Error error) {
    return [error](incoming_event) -> async::task<receive_outcome> {
      throw error;
      co_return receive_outcome::stored;
    };
  }
  static std::string example(std::string_view type) {
    std::ifstream file(fmt::format("{}/contracts/examples/{}.json", MICRO_SAYUR_SOURCE_DIR, type));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  manual_clock clock_;
  test::log_capture capture_{clock_};
  telemetry::metrics metrics_{"0"};
  micro_sayur::test::recorded_traces traces_;
};

TEST_F(EventHandler, AcknowledgesWhatIsStoredAndLogsItOnce) {
  EXPECT_EQ(handle(answers(receive_outcome::stored), example("user.email_verification_requested")).what, disposition::kind::acknowledge);
  const auto lines = capture_.finish();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
  for (const auto* wanted :
       {R"("cloudevent.id":"0193552a-5c57-7a3e-8f3b-012345678902")", R"("cloudevent.type":"user.email_verification_requested")",
        R"("request_id":"0193552a-5c57-7a3e-8f3b-aaaaaaaaaaaa")", R"("trace.id":"4bf92f3577b34da6a3ce929d0e0e4736")",
        R"("cloudevent.outcome":"stored")"})
    EXPECT_THAT(lines, HasSubstr(wanted));
  for (const auto* secret : {"Budi", "token", "example.com"}) EXPECT_THAT(lines, Not(HasSubstr(secret)));
  EXPECT_THAT(metrics_.render(), HasSubstr(R"(sayur_events_received_total{outcome="stored",type="user.email_verification_requested"} 1)"));
}

TEST_F(EventHandler, ASampledEventsSpanIsAChildOfItsProducersAndLinkedToIt) {
  auto text = example("user.password_changed");
  const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736-";
  text.replace(text.find(id) + id.size() + 17, 2, "01");
  incoming_event taken;
  const auto keep = [&taken](incoming_event event) -> async::task<receive_outcome> {
    taken = std::move(event);
    co_return receive_outcome::stored;
  };
  handle(keep, text);
  const auto spans = traces_.recorder.spans();
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "process queue");
  EXPECT_EQ(spans[0].kind, telemetry::span_kind::consumer);
  ASSERT_TRUE(spans[0].link);
  EXPECT_EQ(spans[0].parent, spans[0].link->span_id);
  EXPECT_EQ(taken.traceparent, spans[0].context.to_traceparent());
  EXPECT_FALSE(spans[0].failed);
  handle(fails(sql::unavailable("away")), text);
  EXPECT_TRUE(traces_.recorder.spans().back().failed);
}

TEST_F(EventHandler, AcknowledgesDuplicatesAndWhatMailsNothing) {
  EXPECT_EQ(handle(answers(receive_outcome::duplicate), example("user.password_changed")).what, disposition::kind::acknowledge);
  EXPECT_EQ(handle(answers(receive_outcome::stored), example("user.registered")).what, disposition::kind::acknowledge);
  const auto metrics = metrics_.render();
  EXPECT_THAT(metrics, HasSubstr(R"({outcome="duplicate",type="user.password_changed"} 1)"));
  EXPECT_THAT(metrics, HasSubstr(R"({outcome="ignored",type="user.registered"} 1)"));
}

TEST_F(EventHandler, SetsPoisonAsideWithTheReason) {
  const auto reached = handle(answers(receive_outcome::stored), "{\"specversion\":");
  EXPECT_EQ(reached.what, disposition::kind::dead_letter);
  EXPECT_THAT(reached.reason, HasSubstr("line 1"));
  EXPECT_THAT(metrics_.render(), HasSubstr("sayur_events_dead_lettered_total 1"));
}

TEST_F(EventHandler, HasAnEventComeAgainWhileTheStoreIsAway) {
  for (const bool redelivered : {false, true}) {
    EXPECT_EQ(handle(fails(sql::unavailable("away")), example("user.password_changed"), redelivered).what, disposition::kind::retry);
    EXPECT_EQ(handle(fails(sql::timed_out("late")), example("user.password_changed"), redelivered).what, disposition::kind::retry);
    EXPECT_EQ(handle(fails(sql::conflict("lost")), example("user.password_changed"), redelivered).what, disposition::kind::retry);
  }
}

TEST_F(EventHandler, GivesUpWhatFailsOfItselfTwice) {
  EXPECT_EQ(handle(fails(sql::error("bad")), example("user.password_changed")).what, disposition::kind::retry);
  EXPECT_EQ(handle(fails(sql::error("bad")), example("user.password_changed"), true).what, disposition::kind::dead_letter);
}

TEST_F(EventHandler, KeepsStrangersNamesOutOfTheMetrics) {
  auto text = example("user.registered");
  text.replace(text.find("user.registered"), 15, "somebody.else");
  EXPECT_EQ(handle(answers(receive_outcome::stored), text).what, disposition::kind::acknowledge);
  EXPECT_THAT(metrics_.render(), HasSubstr(R"({outcome="ignored",type="other"} 1)"));
}

}  // namespace
}  // namespace micro_sayur::notification_service
