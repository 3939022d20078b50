// SPDX-License-Identifier: Apache-2.0
// The server's part in a trace (W3C Trace Context; HTTP's semantic conventions).
#include "platform/http/tests/server_fixture.hpp"
#include "platform/telemetry/tracing/scope.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::http {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr auto sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr auto unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

class ServerTraces : public server_fixture {
 protected:
  ServerTraces() {
    const auto look = [](request& from) -> async::task<response> {
      telemetry::begin_child(co_await boost::asio::this_coro::executor, telemetry::span_kind::client, "statement");
      co_return response(200, "text/plain", "[" + from.tracestate + "]");
    };
    const auto fail = [](request&) -> async::task<response> {
      throw std::runtime_error("no");
      co_return response();
    };
    serve({{.verb = method::get, .path = "/things/{id}", .handle = look}, {.verb = method::get, .path = "/fail", .handle = fail}}, {});
  }

  std::string get(std::string_view path, std::string_view header = "") {
    return exchange("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + std::string(header) + "\r\n");
  }

  static std::string text_of(const telemetry::span_data& of, std::string_view name) {
    for (const auto& each : of.attributes)
      if (each.name == name)
        return std::holds_alternative<std::string>(each.value) ? std::get<0>(each.value) : std::to_string(std::get<1>(each.value));
    return {};
  }
};

TEST_F(ServerTraces, ASampledParentHasAChildWithTheRoutesTemplate) {
  const auto answer = get("/things/7?token=secret", std::string("traceparent: ") + sampled + "\r\n");
  const auto spans = traces_.recorder.spans();
  ASSERT_EQ(spans.size(), 2);
  const auto& [statement, server] = std::tie(spans[0], spans[1]);
  EXPECT_EQ(server.name, "GET /things/{id}");
  EXPECT_EQ(server.kind, telemetry::span_kind::server);
  EXPECT_EQ(server.parent, telemetry::parse_traceparent(sampled)->span_id);
  EXPECT_EQ(statement.parent, server.context.span_id);
  EXPECT_EQ(text_of(server, "http.route"), "/things/{id}");
  EXPECT_EQ(text_of(server, "url.path"), "/things/7");
  EXPECT_EQ(text_of(server, "http.response.status_code"), "200");
  EXPECT_FALSE(server.failed);
  EXPECT_THAT(answer, HasSubstr("traceparent: " + server.context.to_traceparent()));
  for (const auto& each : server.attributes)
    if (std::holds_alternative<std::string>(each.value)) EXPECT_THAT(std::get<0>(each.value), Not(HasSubstr("secret")));
}

TEST_F(ServerTraces, AnUnsampledParentIsObeyedAndItsTraceGoesOn) {
  EXPECT_THAT(get("/things/7", std::string("traceparent: ") + unsampled + "\r\n"), HasSubstr(std::string("traceparent: 00-") + trace_id));
  EXPECT_TRUE(traces_.recorder.spans().empty());
}

TEST_F(ServerTraces, ABadTraceparentStartsANewTraceWithoutTracestate) {
  const std::string good(sampled);
  for (const auto& bad : {good + "-x", good.substr(0, 54), "00-" + std::string(32, '0') + good.substr(35),
                          "00-" + good.substr(3, 32) + "-0000000000000000-01", "0x" + good.substr(2), std::string(4000, 'a'),
                          good + "\r\ntraceparent: " + good, std::string()}) {
    const auto answer = get("/things/7", "traceparent: " + bad + "\r\ntracestate: vendor=1\r\n");
    EXPECT_THAT(answer, HasSubstr("200 OK")) << bad;
    EXPECT_THAT(answer, Not(HasSubstr(trace_id))) << bad;
    EXPECT_THAT(answer, HasSubstr("\r\n[]")) << bad;
  }
}

TEST_F(ServerTraces, ABadTracestateIsDroppedAlone) {
  const auto with = [&](const std::string& state) { return get("/things/7", std::string("traceparent: ") + sampled + "\r\n" + state); };
  EXPECT_THAT(with("tracestate: a=1\r\ntracestate: b=2\r\n"), HasSubstr("\r\n[a=1,b=2]"));
  for (const auto* bad : {"tracestate: a\r\n", "tracestate: a=1\r\ntracestate: a=2\r\n", "tracestate: A=1\r\n"}) {
    EXPECT_THAT(with(bad), HasSubstr("\r\n[]")) << bad;
    EXPECT_THAT(with(bad), HasSubstr(trace_id)) << bad;
  }
}

TEST_F(ServerTraces, ARequestThatIsGivenUpHasAnEndAsWell) {
  {
    auto socket = connect();
    const std::string half =
        std::string("GET /things/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\ntraceparent: ") + sampled + "\r\n\r\nhalf";
    boost::asio::write(socket, boost::asio::buffer(half));
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (traces_.recorder.spans().empty() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  const auto spans = traces_.recorder.spans();
  ASSERT_EQ(spans.size(), 1);
  EXPECT_EQ(spans[0].name, "GET");
  EXPECT_EQ(text_of(spans[0], "error.type"), "aborted");
}

TEST_F(ServerTraces, AFailureIsOneAndAStrangersMethodIsOther) {
  const std::string header = std::string("traceparent: ") + sampled + "\r\n";
  get("/fail", header);
  exchange("FROB /things/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + header + "\r\n");
  const auto spans = traces_.recorder.spans();
  ASSERT_EQ(spans.size(), 2);
  EXPECT_TRUE(spans[0].failed);
  EXPECT_EQ(text_of(spans[0], "error.type"), "500");
  EXPECT_EQ(spans[1].name, "_OTHER");
  EXPECT_EQ(text_of(spans[1], "http.request.method"), "_OTHER");
}

}  // namespace
}  // namespace micro_sayur::http
