// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sessions/session_client.hpp"

#include "notification-service/tests/http_server.hpp"
#include "platform/async/runtime.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using test::http_answer;
using testing::HasSubstr;

class SessionClient : public testing::Test {
 protected:
  /// The verdict; nullopt when the answer to the client would be 503 with Retry-After.
  std::optional<bool> ask() {
    std::optional<bool> live;
    async::runtime cores(1);
    session_client client({.user_service_url = server_.url(), .deadline = 300ms},
                          [this](std::string_view reason) { reasons_.emplace_back(reason); });
    cores.run_until_done([&]() -> async::task<> {
      http::request request;
      request.headers.emplace_back("authorization", "Bearer TOKEN");
      request.request_id = "the-request";
      request.trace = *telemetry::parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
      request.tracestate = "vendor=1";
      try {
        live = co_await client.is_live(request);
      } catch (const http::problem_error& fault) {
        EXPECT_EQ(fault.details().type, problems::unavailable);
        EXPECT_TRUE(fault.details().retry_after);
      }
    });
    return live;
  }

  test::http_server server_;
  std::vector<std::string> reasons_;
};

TEST_F(SessionClient, AsksWithTheRequestsToken) {
  server_.answer_once(http_answer("200 OK", "{}"));
  EXPECT_EQ(ask(), true);
  EXPECT_THAT(server_.request(), HasSubstr("GET /api/v1/profile HTTP/1.1\r\n"));
  EXPECT_THAT(server_.request(), HasSubstr("\r\nAuthorization: Bearer TOKEN\r\n"));
  EXPECT_THAT(server_.request(), HasSubstr("\r\nX-Request-Id: the-request\r\n"));
  EXPECT_THAT(server_.request(), HasSubstr("\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n"));
  EXPECT_THAT(server_.request(), HasSubstr("\r\ntracestate: vendor=1\r\n"));
}

TEST_F(SessionClient, KnowsASessionThatHasEnded) {
  server_.answer_once(http_answer("401 Unauthorized", "{}"));
  EXPECT_EQ(ask(), false);
  EXPECT_TRUE(reasons_.empty());
}

TEST_F(SessionClient, TakesNothingElseForAVerdict) {
  for (const auto* status : {"503 Service Unavailable", "404 Not Found", "302 Found", "204 No Content"}) {
    server_.answer_once(http_answer(status, ""));
    EXPECT_EQ(ask(), std::nullopt) << status;
    server_.request();
  }
  EXPECT_EQ(reasons_.size(), 4U);
}

TEST_F(SessionClient, GivesUpAtItsDeadline) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(ask(), std::nullopt);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  EXPECT_THAT(reasons_, testing::ElementsAre(HasSubstr("timed out")));
}

}  // namespace
}  // namespace micro_sayur::notification_service
