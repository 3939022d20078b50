// SPDX-License-Identifier: Apache-2.0
#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"
#include "platform/telemetry/tracing/scope.hpp"
#include "platform/test_support/span_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace micro_sayur::telemetry {
namespace {

using namespace std::chrono_literals;

constexpr auto sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr auto unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

void run(std::function<async::task<>()> body) { async::runtime(1).run_until_done(std::move(body)); }

async::task<span> child_here(std::string_view name) {
  co_return begin_child(co_await boost::asio::this_coro::executor, span_kind::client, name);
}

async::task<> work(std::string_view name) { co_await child_here(name); }

TEST(Tracing, WhatACoroutineAwaitsIsAChildOfItsSpan) {
  test::recorded_traces traces;
  run([&]() -> async::task<> {
    const auto root = traces.tracer.begin_caused(span_kind::server, "root", sampled);
    co_await in_scope(root, in_span("use case", work("statement")));
    co_await in_scope(root, work("after"));
  });
  const auto spans = traces.recorder.spans();
  ASSERT_EQ(spans.size(), 4);
  const auto& [statement, use_case, after, root] = std::tie(spans[0], spans[1], spans[2], spans[3]);
  EXPECT_EQ(statement.name, "statement");
  EXPECT_EQ(statement.parent, use_case.context.span_id);
  EXPECT_EQ(use_case.name, "use case");
  EXPECT_EQ(use_case.parent, root.context.span_id);
  EXPECT_EQ(after.parent, root.context.span_id);
  for (const auto& each : spans) EXPECT_EQ(each.context.trace_id, parse_traceparent(sampled)->trace_id);
}

TEST(Tracing, SpansOfOneTraceHaveIdsOfTheirOwn) {
  test::recorded_traces traces;
  run([&]() -> async::task<> {
    for (int again = 0; again < 2; ++again) {  // two processes that continue one trace
      const auto root = traces.tracer.begin_caused(span_kind::consumer, "root", sampled);
      for (int i = 0; i < 50; ++i) co_await in_scope(root, in_span("a", work("b")));
    }
  });
  std::vector<std::string> ids;
  for (const auto& each : traces.recorder.spans()) ids.push_back(each.context.span_id_text());
  std::ranges::sort(ids);
  EXPECT_EQ(ids.size(), 202);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

TEST(Tracing, NothingIsRecordedForATraceThatIsNotSampled) {
  test::recorded_traces traces;
  run([&]() -> async::task<> {
    const auto root = traces.tracer.begin_caused(span_kind::server, "root", unsampled);
    EXPECT_FALSE(root);
    co_await in_scope(root, in_span("use case", work("statement")));
    co_await work("without any");
  });
  EXPECT_TRUE(traces.recorder.spans().empty());
}

TEST(Tracing, ASpanLastsAsLongAsItsWorkAndSaysWhenThatFailed) {
  test::recorded_traces traces;
  const auto failing = []() -> async::task<> {
    co_await async::sleep_for(5ms);
    throw std::runtime_error("no");
  };
  run([&]() -> async::task<> {
    const auto root = traces.tracer.begin_caused(span_kind::server, "root", sampled);
    EXPECT_THROW(co_await in_scope(root, in_span("use case", failing())), std::runtime_error);
  });
  const auto use_case = traces.recorder.spans().front();
  EXPECT_TRUE(use_case.failed);
  EXPECT_GE(use_case.duration, 5ms);
}

TEST(Tracing, ACancelledCallerCancelsWhatRunsInItsScope) {
  test::recorded_traces traces;
  run([&]() -> async::task<> {
    async::task_group group(co_await boost::asio::this_coro::executor);
    group.spawn("sleeper", [&]() -> async::task<> {
      const auto root = traces.tracer.begin_caused(span_kind::server, "root", sampled);
      co_await in_scope(root, in_span("use case", async::sleep_for(1h)));
    });
    co_await async::sleep_for(1ms);
    group.cancel();
    co_await group.join();
  });
  EXPECT_EQ(traces.recorder.spans().size(), 2);
}

TEST(Tracing, WhatRunsInTheBackgroundWorksForNobody) {
  test::recorded_traces traces;
  run([&]() -> async::task<> {
    const auto root = traces.tracer.begin_caused(span_kind::server, "root", sampled);
    async::event over((co_await boost::asio::this_coro::executor).without_context());
    co_await in_scope(root, [](async::event& done) -> async::task<> {
      async::spawn(co_await boost::asio::this_coro::executor, "background", [&done]() -> async::task<> {
        co_await work("statement");
        done.set();
      });
    }(over));
    co_await over.wait();
  });
  EXPECT_EQ(traces.recorder.spans().size(), 1);
}

TEST(Tracer, TheParentDecidesAndOtherwiseTheRatio) {
  for (const double ratio : {0.0, 1.0}) {
    test::recorded_traces traces(ratio);
    auto own = new_trace(traces.random);
    EXPECT_EQ(static_cast<bool>(traces.tracer.begin_server(own, std::nullopt)), ratio == 1.0);
    for (const auto* sent : {sampled, unsampled}) {
      const auto parent = parse_traceparent(sent);
      own = *parent;
      const auto span = traces.tracer.begin_server(own, parent);
      EXPECT_EQ(static_cast<bool>(span), parent->is_sampled());
      EXPECT_EQ(own.is_sampled(), parent->is_sampled());
    }
  }
}

TEST(Tracer, ARatioIsThatShareOfTraces) {
  const sampler rule{.by_parent = true, .ratio = 0.1};
  system_random random;
  int recorded = 0;
  for (int i = 0; i < 10'000; ++i) recorded += rule.samples(new_trace(random), false) ? 1 : 0;
  EXPECT_GT(recorded, 850);  // five standard deviations
  EXPECT_LT(recorded, 1150);
}

TEST(Tracer, WithoutASinkFlagsPassAsTheyCame) {
  system_random random;
  const tracer off({}, nullptr, random);
  const auto parent = parse_traceparent(sampled);
  auto own = *parent;
  EXPECT_FALSE(off.begin_server(own, parent));
  EXPECT_TRUE(own.is_sampled());
  EXPECT_FALSE(off.begin_caused(span_kind::consumer, "x", sampled));
}

}  // namespace
}  // namespace micro_sayur::telemetry
