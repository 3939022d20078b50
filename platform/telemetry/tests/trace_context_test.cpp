// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/trace_context.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::telemetry {
namespace {

constexpr auto example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsAndPrintsTheExampleOfTheStandard) {
  const auto context = parse_traceparent(example);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->to_traceparent(), example);
  EXPECT_EQ(context->trace_id_text(), "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(TraceContext, PassesNoFlagOnThatItDoesNotKnow) {
  const auto context = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->to_traceparent(), example);
}

TEST(TraceContext, AcceptsWhatALaterVersionAppends) {
  EXPECT_TRUE(parse_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
}

TEST(TraceContext, RefusesWhatTheStandardRefuses) {
  for (const auto* header :
       {"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01"})
    EXPECT_FALSE(parse_traceparent(header)) << header;
}

TEST(TraceContext, TellsAGoodTracestate) {
  for (const std::string text :
       {"", "congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "a=1, b=2\t,,c=3", "0tenant@vendor=x", "a-_*/=! ~"})
    EXPECT_TRUE(is_tracestate(text)) << text;
}

TEST(TraceContext, TellsABadTracestate) {
  std::string many;
  for (int i = 0; i < 33; ++i) many += "k" + std::to_string(i) + "=1,";
  for (const std::string& text :
       {std::string("a"), std::string("=1"), std::string("a="), std::string("A=1"), std::string("a=1,a=2"), std::string("a=b=c"),
        std::string("a=\x7f"), std::string("0a=1"), std::string("a@=1"), std::string("a@b@c=1"), std::string("a=\xc3\xa9"),
        "a=" + std::string(257, 'x'), many, std::string("a=1,") + std::string(600, ' ')})
    EXPECT_FALSE(is_tracestate(text)) << text;
}

TEST(TraceContext, AChildKeepsTheTraceAndChangesTheSpan) {
  system_random random;
  const auto parent = *parse_traceparent(example);
  const auto child = parent.child(random);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_EQ(trace_id_of(child.to_traceparent()), parent.trace_id_text());
  EXPECT_EQ(trace_id_of("00-nonsense"), "");
  EXPECT_NE(child.span_id, parent.span_id);
}

}  // namespace
}  // namespace micro_sayur::telemetry
