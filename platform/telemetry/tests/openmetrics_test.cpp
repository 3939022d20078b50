// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::telemetry {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

trace_context sampled_trace() { return *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"); }

TEST(OpenMetrics, NamesTheFamilyOfACounterWithoutTotal) {
  metrics subject("1.2.3");
  subject.counter("sayur_things_total", "Things.", {{"kind", "a"}}).Increment(3);
  const auto text = subject.render(exposition::openmetrics);
  EXPECT_THAT(text, HasSubstr("# TYPE sayur_things counter\n# HELP sayur_things Things.\nsayur_things_total{kind=\"a\"} 3\n"));
  EXPECT_THAT(text, EndsWith("# EOF\n"));
}

TEST(OpenMetrics, GivesTheLatestExemplarOfABucket) {
  metrics subject("1.2.3");
  auto& durations = subject.histogram("sayur_call_seconds", "Calls.", {{"name", "a"}});
  const auto trace = sampled_trace();
  durations.observe(0.3);
  durations.observe(0.2, &trace);
  durations.observe(20, &trace);
  const auto text = subject.render(exposition::openmetrics);
  EXPECT_THAT(text, HasSubstr("sayur_call_seconds_bucket{name=\"a\",le=\"0.1\"} 0\n"));
  EXPECT_THAT(text,
              HasSubstr("sayur_call_seconds_bucket{name=\"a\",le=\"0.25\"} 1 # {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"} 0.2 "));
  EXPECT_THAT(text, HasSubstr("sayur_call_seconds_bucket{name=\"a\",le=\"0.5\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("sayur_call_seconds_bucket{name=\"a\",le=\"+Inf\"} 3 # {trace_id="));
  EXPECT_THAT(text, HasSubstr("sayur_call_seconds_count{name=\"a\"} 3\n"));
}

TEST(OpenMetrics, KeepsNoExemplarOfATraceThatNobodyRecords) {
  metrics subject("1.2.3");
  auto trace = sampled_trace();
  trace.flags = 0;
  subject.histogram("sayur_call_seconds", "Calls.").observe(0.2, &trace);
  EXPECT_THAT(subject.render(exposition::openmetrics), Not(HasSubstr("trace_id")));
}

TEST(OpenMetrics, EscapesWhatLabelsHold) {
  metrics subject("1.2.3");
  subject.gauge("sayur_odd", "A \"help\"\nof two lines.", {{"name", "a\\b\"c\nd"}}).Set(0.5);
  const auto text = subject.render(exposition::openmetrics);
  EXPECT_THAT(text, HasSubstr(R"(# HELP sayur_odd A \"help\"\nof two lines.)"));
  EXPECT_THAT(text, HasSubstr(R"(sayur_odd{name="a\\b\"c\nd"} 0.5)"));
}

TEST(OpenMetrics, TheOlderFormatHasNoExemplars) {
  metrics subject("1.2.3");
  const auto trace = sampled_trace();
  subject.histogram("sayur_call_seconds", "Calls.").observe(0.2, &trace);
  const auto text = subject.render();
  EXPECT_THAT(text, HasSubstr("sayur_call_seconds_bucket{le=\"0.25\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("EOF")));
}

}  // namespace
}  // namespace micro_sayur::telemetry
