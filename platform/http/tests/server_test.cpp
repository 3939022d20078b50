// SPDX-License-Identifier: Apache-2.0
// What the server answers to requests of every kind.
#include "platform/http/tests/server_fixture.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class Server : public server_fixture {
 protected:
  Server() {
    const auto echo = [](request& from) -> async::task<response> { co_return response(200, "text/plain", from.body); };
    const auto client = [](request& from) -> async::task<response> { co_return response(200, "text/plain", from.client.to_string()); };
    const auto fail = [](request&) -> async::task<response> {
      throw std::runtime_error("secret detail");
      co_return response();
    };
    server_settings settings;
    settings.header_timeout = 300ms;
    settings.body_timeout = 300ms;
    settings.idle_timeout = 600ms;
    settings.connections_per_client = 2000;
    settings.proxies.is_trusted = [](const auto& address) { return address.is_loopback(); };
    serve({{.verb = method::post, .path = "/echo", .handle = echo, .body_limit = 100},
           {.verb = method::get, .path = "/client", .handle = client},
           {.verb = method::get, .path = "/fail", .handle = fail}},
          settings);
  }
};

TEST_F(Server, AnswersPipelinedRequestsInOrder) {
  const auto text = exchange(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthree");
  const auto one = text.find("\r\n\r\none");
  const auto two = text.find("\r\n\r\ntwo");
  const auto three = text.find("\r\n\r\nthree");
  ASSERT_NE(three, std::string::npos) << text;
  EXPECT_LT(one, two);
  EXPECT_LT(two, three);
}

TEST_F(Server, RefusesTwoFramings) {
  const auto text = exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(exchange("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(Server, RefusesCodingsThatLeaveTheEndOfTheBodyOpen) {
  const std::string hidden = "GET /client HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const std::map<std::string, std::string> answers{{"xchunked", "501"},
                                                   {"chunked, identity", "501"},
                                                   {"gzip, chunked", "501"},
                                                   {"identity", "501"},
                                                   {"chunked, chunked", "400"},
                                                   {"", "400"},
                                                   {"chunked\r\nTransfer-Encoding: chunked", "400"},
                                                   {"chunked\r\nTransfer-Encoding: gzip", "400"}};
  for (const auto& [coding, status] : answers) {
    const auto text = exchange("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n" + hidden);
    EXPECT_THAT(text, StartsWith("HTTP/1.1 " + status + " ")) << coding;
    EXPECT_THAT(text, testing::Not(HasSubstr("HTTP/1.1 200 "))) << coding;
  }
}

TEST_F(Server, LimitsWhatStandsBetweenChunksAndBehindThem) {
  const std::string chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(exchange(chunked + "1;x=" + std::string(100'000, 'a')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(exchange(chunked + "0\r\nX: " + std::string(100'000, 'a')), StartsWith("HTTP/1.1 431 "));
}

TEST_F(Server, TakesTheAbsoluteFormOfATarget) {
  EXPECT_THAT(exchange("GET http://a.example/client?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, WantsOneHost) {
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(exchange("GET /client HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(Server, RefusesGarbageWithAProblem) {
  const auto text = exchange("nonsense\r\n\r\n");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(text, HasSubstr("application/problem+json"));
  EXPECT_THAT(text, HasSubstr("\"code\":\"bad_request\""));
}

TEST_F(Server, LimitsHeaderAndBody) {
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\nX: " + std::string(20000, 'a') + "\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'a')),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      exchange("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'a') + "\r\n0\r\n\r\n"),
      StartsWith("HTTP/1.1 413 "));
}

TEST_F(Server, AnEarlyRefusalReachesAClientThatIsStillSending) {
  auto socket = connect();
  boost::asio::write(socket, boost::asio::buffer(std::string("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n")));
  boost::asio::write(socket, boost::asio::buffer(std::string(500000, 'x')));
  EXPECT_THAT(read_all(socket), StartsWith("HTTP/1.1 413 "));
}

TEST_F(Server, SlowHeadersAndBodiesTimeOut) {
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\nHost:"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nx"), StartsWith("HTTP/1.1 408 "));
}

TEST_F(Server, IdleConnectionsAreClosedWithoutAWord) {
  auto socket = connect();
  EXPECT_EQ(read_all(socket), "");
}

TEST_F(Server, NamesMethodsAndUnknownPaths) {
  const auto text = exchange("DELETE /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(text, HasSubstr("Allow: POST, OPTIONS\r\n"));
  EXPECT_THAT(exchange("BREW /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(exchange("GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(Server, HeadHasTheHeaderOfGetAndNoBody) {
  const auto text = exchange("HEAD /client HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(text, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(text, testing::EndsWith("\r\n\r\n"));
}

TEST_F(Server, TakesOrMakesRequestIdAndTrace) {
  const auto text = exchange(
      "GET /client HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc-1\r\ntraceparent: "
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(text, HasSubstr("X-Request-Id: abc-1\r\n"));
  EXPECT_THAT(text, HasSubstr("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"));
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\nHost: a\r\nX-Request-Id: a b\r\nConnection: close\r\n\r\n"),
              testing::Not(HasSubstr("X-Request-Id: a b")));
}

TEST_F(Server, LetsBrowsersLoadNothingAndShowItInNoFrame) {
  for (const auto* path : {"/client", "/none", "/fail"})
    EXPECT_THAT(exchange(std::string("GET ") + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                HasSubstr("\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
  EXPECT_THAT(exchange("nonsense\r\n\r\n"), HasSubstr("\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
}

TEST_F(Server, HidesWhatFailedInside) {
  const auto text = exchange("GET /fail HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(text, testing::Not(HasSubstr("secret detail")));
}

TEST_F(Server, BelievesOnlyWhatTrustedProxiesSaw) {
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.9\r\nConnection: close\r\n\r\n"),
              testing::EndsWith("\r\n\r\n203.0.113.9"));
}

TEST_F(Server, BelievesTheLastOfSeveralForwardedHeaders) {
  EXPECT_THAT(
      exchange("GET /client HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n"),
      testing::EndsWith("\r\n\r\n203.0.113.9"));
}

TEST_F(Server, GoesOnAfterExpectContinue) {
  const auto text = exchange("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(Server, AllowsConfiguredOriginsOnly) {
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\nConnection: close\r\n\r\n"),
              HasSubstr("Access-Control-Allow-Origin: https://a.example\r\n"));
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\nHost: a\r\nOrigin: https://b.example\r\nConnection: close\r\n\r\n"),
              testing::Not(HasSubstr("Access-Control-Allow-Origin")));
}

TEST_F(Server, ManyIdleConnectionsDoNoHarm) {
  std::vector<boost::asio::ip::tcp::socket> idle;
  for (int i = 0; i < 1000; ++i) idle.push_back(connect());
  EXPECT_THAT(exchange("GET /client HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace micro_sayur::http
