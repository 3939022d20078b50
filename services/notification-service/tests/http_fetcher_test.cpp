// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/jwks/jwks_client.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <thread>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class HttpFetcher : public testing::Test {
 protected:
  /// What the fetcher makes of a server that answers one request with `answer`: the body, or the reason of the failure.
  std::string fetch(std::string answer) {
    std::thread server([&] {
      boost::asio::ip::tcp::socket socket(context_);
      acceptor_.accept(socket);
      boost::asio::streambuf request;
      boost::asio::read_until(socket, request, "\r\n\r\n");
      boost::system::error_code ignored;  // a client that has read enough hangs up
      boost::asio::write(socket, boost::asio::buffer(answer), ignored);
    });
    const auto got = get(fmt::format("http://127.0.0.1:{}/jwks.json", acceptor_.local_endpoint().port()));
    server.join();
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

  static std::string answer(std::string_view status, std::string_view body, std::string_view header = "") {
    return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status, body.size(), header, body);
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
};

TEST_F(HttpFetcher, GetsADocument) { EXPECT_EQ(fetch(answer("200 OK", R"({"keys":[]})")), R"({"keys":[]})"); }

TEST_F(HttpFetcher, TakesNoOtherStatus) {
  EXPECT_THAT(fetch(answer("404 Not Found", "{}")), HasSubstr("status 404"));
  EXPECT_THAT(fetch(answer("302 Found", "", "Location: http://127.0.0.1:1/\r\n")), HasSubstr("status 302"));
}

TEST_F(HttpFetcher, TakesNoMoreThanItsLimit) {
  EXPECT_EQ(fetch(answer("200 OK", std::string(1000, 'x'))).size(), 1000U);
  EXPECT_THAT(fetch(answer("200 OK", std::string(1001, 'x'))), HasSubstr("more than 1000 bytes"));
}

TEST_F(HttpFetcher, GivesUpAtItsDeadline) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(get(fmt::format("http://127.0.0.1:{}/", acceptor_.local_endpoint().port())), HasSubstr("timed out"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

TEST_F(HttpFetcher, KnowsNoOtherSchemes) { EXPECT_THAT(get("file:///etc/hostname"), HasSubstr("rotocol")); }

}  // namespace
}  // namespace micro_sayur::notification_service
