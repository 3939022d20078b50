// SPDX-License-Identifier: Apache-2.0
// What one client, and all of them, may hold of the server; and that nothing goes on after its end.
#include "platform/http/tests/server_fixture.hpp"

#include <gmock/gmock.h>
#include <boost/asio/read_until.hpp>

#include <atomic>

namespace micro_sayur::http {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using testing::StartsWith;

constexpr std::string_view get_small = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view get_small_once = "GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
constexpr std::string_view get_large = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view get_waiting = "GET /waiting HTTP/1.1\r\nHost: a\r\n\r\n";

class ServerLimits : public server_fixture {
 protected:
  void serve_within(server_settings settings) {
    settings.proxies.is_trusted = [](const auto& address) { return address.to_string() == "127.0.0.9"; };
    settings.is_unlimited = [](const auto& address) { return address.to_string() == "127.0.0.8"; };
    const auto small = [](request&) -> async::task<response> { co_return response(200, "text/plain", "small"); };
    const auto large = [count = large_answers_](request&) -> async::task<response> {
      ++*count;
      co_return response(200, "text/plain", std::string(large_size, 'x'));
    };
    const auto waiting = [count = waiting_](request&) -> async::task<response> {
      ++*count;
      const std::shared_ptr<void> counted(nullptr, [count](void*) { --*count; });
      co_await async::sleep_for(1h);
      co_return no_content();
    };
    serve({{.verb = method::get, .path = "/small", .handle = small},
           {.verb = method::get, .path = "/large", .handle = large},
           {.verb = method::get, .path = "/waiting", .handle = waiting}},
          std::move(settings));
  }

  template <typename Condition>
  static bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

  static bool answers(tcp::socket& socket) {
    boost::system::error_code error;
    boost::asio::write(socket, boost::asio::buffer(get_small), error);
    std::string text;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "small", error);
    return !error;
  }

  static constexpr std::size_t large_size = 500'000;
  const std::shared_ptr<std::atomic<int>> large_answers_ = std::make_shared<std::atomic<int>>(0);
  const std::shared_ptr<std::atomic<int>> waiting_ = std::make_shared<std::atomic<int>>(0);
};

TEST_F(ServerLimits, AClientHasItsShareOfTheConnections) {
  serve_within({.connections_per_client = 10});
  std::vector<tcp::socket> held;
  for (int i = 0; i < 10; ++i) held.push_back(connect(1));
  for (auto& each : held) EXPECT_TRUE(answers(each));
  EXPECT_EQ(exchange(get_small_once, 1), "");
  EXPECT_THAT(exchange(get_small_once, 2), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(server_->refused().of_clients, 1U);
  held.pop_back();
  EXPECT_TRUE(eventually([&] { return exchange(get_small_once, 1).starts_with("HTTP/1.1 200 "); }));
}

TEST_F(ServerLimits, TrustedProxiesAndNetworksThatAreNamedAreExempt) {
  serve_within({.connections_per_client = 10});
  std::vector<tcp::socket> held;
  for (int i = 0; i < 20; ++i) {
    held.push_back(connect(9));
    held.push_back(connect(8));
  }
  for (auto& each : held) EXPECT_TRUE(answers(each));
}

TEST_F(ServerLimits, WhereAllAreFewTheOldestIdleMakeRoom) {
  serve_within({.connection_limit = 20, .connections_per_client = 1000});
  auto busy = connect();
  boost::asio::write(busy, boost::asio::buffer(get_waiting));
  ASSERT_TRUE(eventually([&] { return *waiting_ == 1; }));
  std::vector<tcp::socket> idle;
  for (int i = 0; i < 100; ++i) {
    idle.push_back(connect());
    ASSERT_TRUE(answers(idle.back())) << i;
  }
  EXPECT_FALSE(answers(idle.front()));
  EXPECT_EQ(*waiting_, 1);
  EXPECT_LE(server_->connections(), 20U);
  EXPECT_EQ(server_->refused().of_all, 0U);
}

TEST_F(ServerLimits, AnswersThatNobodyReadsAreBoundedInSum) {
  serve_within({.connections_per_client = 1000, .unread_limit = 2U << 20});
  std::vector<tcp::socket> deaf;
  for (int i = 0; i < 60; ++i) {
    deaf.emplace_back(client_, tcp::v4());
    deaf.back().set_option(boost::asio::socket_base::receive_buffer_size(4096));
    deaf.back().connect({boost::asio::ip::address_v4::loopback(), server_->port()});
    boost::asio::write(deaf.back(), boost::asio::buffer(get_large));
  }
  ASSERT_TRUE(eventually([&] { return *large_answers_ == 60; }));
  // What two cores may hold for clients, 1 MiB each, is four such answers.
  EXPECT_TRUE(eventually([&] { return server_->connections() <= 4; })) << server_->connections();
  EXPECT_GE(server_->connections(), 1U);
  EXPECT_THAT(exchange(get_small_once), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerLimits, AClientThatReadsGetsALargeAnswer) {
  serve_within({.unread_limit = 2U << 20});
  const auto text = exchange("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_GT(text.size(), large_size);
}

TEST_F(ServerLimits, NothingRunsAfterTheEnd) {
  serve_within({});
  std::vector<tcp::socket> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(connect());
    boost::asio::write(held.back(), boost::asio::buffer(get_waiting));
  }
  ASSERT_TRUE(eventually([&] { return *waiting_ == 4; }));
  std::atomic<int> left = -1;
  async::spawn(runtime_.core(0).get_executor(), "stop", [&]() -> async::task<> {
    co_await server_->stop(10ms);
    left = waiting_->load();
  });
  EXPECT_TRUE(eventually([&] { return left != -1; }));
  EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace micro_sayur::http
