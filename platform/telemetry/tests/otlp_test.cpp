// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/otlp/configuration.hpp"
#include "platform/telemetry/otlp/otlp_exporter.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <thread>

namespace micro_sayur::telemetry {
namespace {

using namespace std::chrono_literals;
namespace beast_http = boost::beast::http;

span_data some_span(std::string name = "name") {
  return {.context = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
          .parent = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-01")->span_id,
          .name = std::move(name),
          .kind = span_kind::client,
          .start = std::chrono::system_clock::time_point(1'700'000'000'000'000'001ns),
          .duration = 1'500ns};
}

TEST(OtlpJson, IsWhatTheProtocolSays) {
  auto span = some_span("GET \"/\"");
  span.attributes = {{"http.route", std::string("/x")}, {"http.response.status_code", std::int64_t{500}}};
  span.link = parse_traceparent("00-00000000000000000000000000000001-0000000000000002-01");
  span.failed = true;
  const auto json = boost::json::parse(to_otlp_json({{"service.name", "s"}}, {span, some_span()}));
  const auto& resource = json.at("resourceSpans").at(0);
  EXPECT_EQ(resource.at("resource").at("attributes").at(0), boost::json::parse(R"({"key":"service.name","value":{"stringValue":"s"}})"));
  const auto& spans = resource.at("scopeSpans").at(0).at("spans").as_array();
  ASSERT_EQ(spans.size(), 2);
  EXPECT_EQ(spans[0], boost::json::parse(R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",
    "parentSpanId":"00f067aa0ba902b8","name":"GET \"/\"","kind":3,"startTimeUnixNano":"1700000000000000001",
    "endTimeUnixNano":"1700000000000001501","attributes":[{"key":"http.route","value":{"stringValue":"/x"}},
    {"key":"http.response.status_code","value":{"intValue":"500"}}],
    "links":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002"}],"status":{"code":2}})"));
  EXPECT_FALSE(spans[1].as_object().contains("status"));
}

/// Answers each request with the next status, the last one for ever; keeps the bodies.
class collector {
 public:
  explicit collector(std::deque<unsigned> statuses, std::string answer = "{}")
      : statuses_(std::move(statuses)), answer_(std::move(answer)), thread_([this] { serve(); }) {}
  ~collector() {
    stopping_ = true;
    boost::asio::ip::tcp::socket waker(context_);
    boost::system::error_code ignored;
    waker.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", acceptor_.local_endpoint().port()); }

  /// Waits until so many requests came; their bodies.
  std::vector<std::string> bodies(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, 20s, [&] { return bodies_.size() >= count; });
    return bodies_;
  }

 private:
  void serve() {
    while (!stopping_) {
      boost::asio::ip::tcp::socket socket(context_);
      acceptor_.accept(socket);
      boost::beast::flat_buffer buffer;
      boost::system::error_code error;
      while (!stopping_) {
        beast_http::request<beast_http::string_body> request;
        beast_http::read(socket, buffer, request, error);
        if (error) break;
        const std::lock_guard lock(mutex_);
        beast_http::response<beast_http::string_body> answer{beast_http::int_to_status(statuses_.front()), 11, answer_};
        answer.prepare_payload();
        if (statuses_.size() > 1) statuses_.pop_front();
        beast_http::write(socket, answer, error);
        bodies_.push_back(std::string(request.target()) + " " + std::string(request["Content-Type"]) + " " + request.body());
        came_.notify_all();
      }
    }
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::deque<unsigned> statuses_;
  const std::string answer_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> bodies_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

class OtlpExporter : public testing::Test {
 protected:
  static otlp_settings settings(const std::string& url) {
    return {.endpoint = url, .authorities = {}, .queue_limit = 4, .batch = 2, .interval = 20ms, .timeout = 2s, .longest_retry = 1s};
  }

  /// Whether it does, within 20 seconds.
  static bool comes_to(const prometheus::Counter& counter, double value) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (counter.Value() < value && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return counter.Value() == value;
  }

  system_clock clock_;
  log_writer writer_{2};
  logger log_{writer_, clock_, "test", level::error};
  metrics metrics_{"0"};
  span_counters counters_{metrics_};
};

TEST_F(OtlpExporter, SendsBatchesAndCountsThem) {
  collector to({200});
  otlp_exporter subject(settings(to.url()), {{"service.name", "s"}}, log_, counters_);
  subject.sink().take(some_span("first"));
  const auto bodies = to.bodies(1);
  ASSERT_EQ(bodies.size(), 1);
  EXPECT_THAT(bodies[0], testing::StartsWith("/v1/traces application/json {"));
  EXPECT_THAT(bodies[0], testing::HasSubstr("\"first\""));
  EXPECT_TRUE(comes_to(counters_.exported, 1));
}

TEST_F(OtlpExporter, TriesABatchAgainWhileTheCollectorIsBusy) {
  collector to({503, 429, 200});
  otlp_exporter subject(settings(to.url()), {}, log_, counters_);
  subject.sink().take(some_span());
  const auto bodies = to.bodies(3);
  ASSERT_EQ(bodies.size(), 3);
  EXPECT_EQ(bodies[0], bodies[2]);
  EXPECT_TRUE(comes_to(counters_.exported, 1));
  EXPECT_EQ(counters_.refused.Value(), 0);
}

TEST_F(OtlpExporter, DropsABatchThatTheCollectorRefuses) {
  collector to({400, 200});
  otlp_exporter subject(settings(to.url()), {}, log_, counters_);
  subject.sink().take(some_span());
  to.bodies(1);
  subject.sink().take(some_span("second"));
  to.bodies(2);
  EXPECT_TRUE(comes_to(counters_.exported, 1));
  EXPECT_EQ(counters_.refused.Value(), 1);
}

TEST_F(OtlpExporter, CountsWhatTheCollectorTookButForAPart) {
  for (const auto* number : {"\"1\"", "1"}) {
    collector to({200}, fmt::format(R"({{"partialSuccess":{{"rejectedSpans":{},"errorMessage":"too old"}}}})", number));
    otlp_exporter subject(settings(to.url()), {}, log_, counters_);
    subject.sink().take(some_span());
    subject.sink().take(some_span());
  }
  EXPECT_EQ(counters_.exported.Value(), 2);
  EXPECT_EQ(counters_.refused.Value(), 2);
}

TEST_F(OtlpExporter, NeverBlocksAndCountsWhatDoesNotFitWhileTheCollectorIsAway) {
  otlp_exporter subject(settings("http://127.0.0.1:1"), {}, log_, counters_);
  for (int i = 0; i < 100; ++i) subject.sink().take(some_span());
  EXPECT_GE(subject.dropped(), 100 - 4 - 2);  // the queue, and the batch that is being sent
  EXPECT_LE(subject.dropped(), 100 - 4);
}

TEST_F(OtlpExporter, SendsWhatWaitsWhenItEnds) {
  collector to({200});
  {
    auto with = settings(to.url());
    with.interval = 1h;
    otlp_exporter subject(with, {}, log_, counters_);
    subject.sink().take(some_span("last"));
  }
  EXPECT_THAT(to.bodies(1).at(0), testing::HasSubstr("\"last\""));
  EXPECT_EQ(counters_.exported.Value(), 1);
}

TEST_F(OtlpExporter, EndsSoonWhenTheCollectorHangs) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  auto with = settings(fmt::format("http://127.0.0.1:{}", silent.local_endpoint().port()));
  with.timeout = 1min;
  with.last_timeout = 200ms;
  std::optional<otlp_exporter> subject(std::in_place, with, resource_attributes{}, log_, counters_);
  subject->sink().take(some_span());
  boost::asio::ip::tcp::socket socket(context);
  silent.accept(socket);
  std::string request;
  boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "name");
  const auto began = std::chrono::steady_clock::now();
  subject.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

tracing_settings read(std::map<std::string, std::string, std::less<>> variables, std::vector<std::string>* faults = nullptr) {
  config::reader from([variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
  auto out = read_tracing_settings(from);
  try {
    from.finish();
  } catch (const config::faults& wrong) {
    if (faults != nullptr) *faults = wrong.lines();
  }
  return out;
}

TEST(TracingSettings, IsOffUntilThereIsACollector) {
  EXPECT_FALSE(read({}).exporter);
  EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/"}}).exporter->endpoint, "http://c:4318");
}

TEST(TracingSettings, KnowsTheSamplersOfTheSpecification) {
  struct expected {
    std::string name;
    bool by_parent;
    double ratio;
  };
  for (const auto& each : {expected{"always_on", false, 1},
                           {"always_off", false, 0},
                           {"traceidratio", false, 0.25},
                           {"parentbased_always_on", true, 1},
                           {"parentbased_always_off", true, 0},
                           {"parentbased_traceidratio", true, 0.25}}) {
    const auto rule = read({{"OTEL_TRACES_SAMPLER", each.name}, {"OTEL_TRACES_SAMPLER_ARG", "0.25"}}).rule;
    EXPECT_EQ(rule.by_parent, each.by_parent) << each.name;
    EXPECT_EQ(rule.ratio, each.ratio) << each.name;
  }
}

TEST(TracingSettings, RefusesWhatIsNoShareAndNoSampler) {
  for (const auto* text : {"1.1", "-0.1", "nan", "ten", "0.1x"}) {
    std::vector<std::string> faults;
    read({{"OTEL_TRACES_SAMPLER_ARG", text}, {"OTEL_TRACES_SAMPLER", "jaeger_remote"}}, &faults);
    EXPECT_EQ(faults.size(), 2) << text;
  }
}

}  // namespace
}  // namespace micro_sayur::telemetry
