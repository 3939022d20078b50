// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/telemetry/delivery_telemetry.hpp"
#include "notification-service/adapters/telemetry/mail_server_check.hpp"
#include "notification-service/tests/fakes.hpp"
#include "notification-service/tests/log_capture.hpp"
#include "platform/async/runtime.hpp"
#include "platform/test_support/manual_clock.hpp"
#include "platform/test_support/span_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST(WithoutPrivateWords, LeavesTheRest) {
  EXPECT_EQ(without_private_words("RCPT: 550 5.1.1 <budi@example.com> unknown"), "RCPT: 550 5.1.1 … unknown");
  EXPECT_EQ(without_private_words("DATA: 554 blocked https://a.example/?token=abc now"), "DATA: 554 blocked … now");
  EXPECT_EQ(without_private_words(""), "");
}

RC_GTEST_PROP(WithoutPrivateWords, LetsNoAddressPass, (std::string before, std::string after)) {
  RC_ASSERT(without_private_words(before + "budi@example.com" + after).find('@') == std::string::npos);
}

class DeliveryTelemetry : public testing::Test {
 protected:
  /// A mail of a trace that is recorded.
  static notification recorded() {
    notification made{.id = {}, .kind = notification_kind::password_reset, .user_id = {}, .recipient = "budi@example.com"};
    made.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    return made;
  }

  manual_clock clock_;
  test::log_capture capture_{clock_};
  telemetry::metrics metrics_{"0"};
  micro_sayur::test::recorded_traces traces_;
  delivery_telemetry subject_{capture_.log(), metrics_, traces_.tracer, clock_};
};

TEST_F(DeliveryTelemetry, LogsAndCountsEachAttempt) {
  const notification what{.id = *uuid::parse("01a20e23-d627-78cd-9a7e-dd889389a476"),
                          .kind = notification_kind::password_reset,
                          .user_id = {},
                          .recipient = "budi@example.com",
                          .language = locale::english,
                          .values = template_values{{"link", "https://a.example/?token=abc"}},
                          .attempts = 2,
                          .created_at = clock_.now() - 1s,
                          .request_id = "request-1",
                          .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                          .caused_at = clock_.now() - 3s};
  subject_.attempt_ended(what, {delivery_outcome::kind::accepted, "250 OK"}, 5ms);
  subject_.attempt_ended(what, {delivery_outcome::kind::permanent_failure, "RCPT: 550 <budi@example.com> no"}, 5ms);
  subject_.mail_server_lost("away");
  subject_.outcome_lost(*uuid::parse("01a20e23-d627-78cd-9a7e-dd889389a477"), "the store is away");
  const auto text = metrics_.render();
  EXPECT_THAT(text, HasSubstr(R"(sayur_notification_attempts_total{outcome="sent",template="password_reset"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(sayur_notification_attempts_total{outcome="permanent_failure",template="password_reset"} 1)"));
  EXPECT_THAT(text, HasSubstr("notification_delivery_seconds_sum{template=\"password_reset\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("sayur_mail_server_up 0"));
  const auto lines = capture_.finish();
  EXPECT_THAT(lines, HasSubstr(R"("notification.id":"01a20e23-d627-78cd-9a7e-dd889389a476")"));
  EXPECT_THAT(
      lines,
      HasSubstr(
          R"("request_id":"request-1","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","notification.attempt":2,"notification.outcome":"sent")"));
  EXPECT_THAT(lines, HasSubstr(R"("notification.id":"01a20e23-d627-78cd-9a7e-dd889389a477","error.message":"the store is away")"));
  for (const auto* secret : {"budi", "token", "abc"}) EXPECT_THAT(lines, Not(HasSubstr(secret)));
}

TEST_F(DeliveryTelemetry, WhatIsWithheldIsCountedAndNobodyIsNamed) {
  auto what = recorded();
  subject_.attempt_ended(what, {delivery_outcome::kind::withheld, "MAIL_RECIPIENTS does not name its recipient"}, 5ms);
  what.released = true;
  subject_.attempt_ended(what, {delivery_outcome::kind::accepted, "250 OK"}, 5ms);
  const auto text = metrics_.render();
  EXPECT_THAT(text, HasSubstr(R"(sayur_notification_attempts_total{outcome="withheld",template="password_reset"} 1)"));
  EXPECT_THAT(text, HasSubstr("notification_delivery_seconds_count{template=\"password_reset\"} 0\n")) << "its time was an operator's";
  EXPECT_EQ(traces_.recorder.spans().size(), 1U) << "of the mail that was sent";
  const auto lines = capture_.finish();
  EXPECT_THAT(lines, HasSubstr(R"("notification.outcome":"withheld")"));
  EXPECT_THAT(lines, Not(HasSubstr("warning")));
  EXPECT_THAT(lines, Not(HasSubstr("budi")));
}

TEST_F(DeliveryTelemetry, AnAttemptIsASpanThatLastedAsLong) {
  auto what = recorded();
  subject_.attempt_ended(what, {delivery_outcome::kind::temporary_failure, "RCPT: 450 <budi@example.com> later"}, 5ms);
  const auto span = traces_.recorder.spans().at(0);
  EXPECT_EQ(span.name, "send mail");
  EXPECT_EQ(span.kind, telemetry::span_kind::client);
  EXPECT_EQ(span.parent, telemetry::parse_traceparent(what.traceparent)->span_id);
  EXPECT_GE(span.duration, 5ms);
  EXPECT_TRUE(span.failed);
  for (const auto& each : span.attributes)
    if (const auto* text = std::get_if<std::string>(&each.value)) EXPECT_THAT(*text, Not(HasSubstr("budi")));
}

TEST(MailServerCheck, AsksAtMostEveryTwoSeconds) {
  manual_clock clock;
  test::scripted_sender sender;
  sender.there = false;
  async::runtime(1).run_until_done([&]() -> async::task<> {
    mail_server_check subject(co_await boost::asio::this_coro::executor, sender, clock);
    const auto passes = [&]() -> async::task<bool> {
      try {
        co_await subject.run();
        co_return true;
      } catch (const std::runtime_error&) {
        co_return false;
      }
    };
    EXPECT_FALSE(co_await passes());
    sender.there = true;
    EXPECT_FALSE(co_await passes());
    EXPECT_EQ(sender.probes, 1);
    clock.advance(2s);
    EXPECT_TRUE(co_await passes());
    EXPECT_EQ(sender.probes, 2);
  });
}

}  // namespace
}  // namespace micro_sayur::notification_service
