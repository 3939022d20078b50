// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/jwks/jwks_client.hpp"

#include "notification-service/tests/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using test::http_answer;
using testing::HasSubstr;

class HttpFetcher : public testing::Test {
 protected:
  /// What the fetcher makes of a server that answers one request with `answer`: the body, or the reason of the failure.
  std::string fetch(std::string answer) {
    server_.answer_once(std::move(answer));
    const auto got = get(server_.url() + "/jwks.json");
    server_.request();
    return got;
  }

  static std::string get(const std::string& url) {
    jwks_settings settings;
    settings.deadline = 300ms;
    settings.size_limit = 1000;
    try {
      return make_http_fetcher(settings)(url);
    } catch (const std::runtime_error& fault) {
      return fault.what();
    }
  }

  test::http_server server_;
};

TEST_F(HttpFetcher, GetsADocument) { EXPECT_EQ(fetch(http_answer("200 OK", R"({"keys":[]})")), R"({"keys":[]})"); }

TEST_F(HttpFetcher, TakesNoOtherStatus) {
  EXPECT_THAT(fetch(http_answer("404 Not Found", "{}")), HasSubstr("status 404"));
  EXPECT_THAT(fetch(http_answer("302 Found", "", "Location: http://127.0.0.1:1/\r\n")), HasSubstr("status 302"));
}

TEST_F(HttpFetcher, TakesNoMoreThanItsLimit) {
  EXPECT_EQ(fetch(http_answer("200 OK", std::string(1000, 'x'))).size(), 1000U);
  EXPECT_THAT(fetch(http_answer("200 OK", std::string(1001, 'x'))), HasSubstr("more than 1000 bytes"));
}

TEST_F(HttpFetcher, GivesUpAtItsDeadline) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(get(server_.url() + "/"), HasSubstr("timed out"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

TEST_F(HttpFetcher, KnowsNoOtherSchemes) { EXPECT_THAT(get("file:///etc/hostname"), HasSubstr("rotocol")); }

}  // namespace
}  // namespace micro_sayur::notification_service
