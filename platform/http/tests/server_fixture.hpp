// SPDX-License-Identifier: Apache-2.0
// A server on a real socket, driven byte by byte.
#pragma once

#include "platform/http/server.hpp"
#include "platform/test_support/span_recorder.hpp"

#include <gtest/gtest.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace micro_sayur::http {

class server_fixture : public testing::Test {
 protected:
  server_fixture() : writer_(2), log_(writer_, clock_, "test", telemetry::level::error), metrics_("0"), runtime_(2) {}

  /// Serves until the test ends.
  void serve(std::vector<route> routes, server_settings settings) {
    routes_.add(std::move(routes));
    dispatch_.emplace(routes_, log_, metrics_, traces_.tracer,
                      dispatcher_settings{.allowed_origins = {"https://a.example"}, .translate = {}}, runtime_.core_count());
    server_.emplace(runtime_, *dispatch_, clock_, random_, std::move(settings));
    server_->start();
    thread_ = std::thread([this] { runtime_.run(); });
  }

  ~server_fixture() override {
    async::spawn(runtime_.core(0).get_executor(), "stop", [this]() -> async::task<> {
      co_await server_->stop(std::chrono::seconds(2));
      runtime_.stop();
    });
    thread_.join();
  }

  /// A connection from a loopback address: 127.0.0.`host`.
  boost::asio::ip::tcp::socket connect(unsigned host = 1) {
    boost::asio::ip::tcp::socket socket(client_, {boost::asio::ip::address_v4((127U << 24) + host), 0});
    socket.connect({boost::asio::ip::address_v4::loopback(), server_->port()});
    return socket;
  }

  /// Everything that comes back until the server closes.
  static std::string read_all(boost::asio::ip::tcp::socket& socket) {
    std::string text;
    boost::system::error_code error;
    boost::asio::read(socket, boost::asio::dynamic_buffer(text), error);
    return text;
  }

  std::string exchange(std::string_view bytes, unsigned host = 1) {
    auto socket = connect(host);
    boost::asio::write(socket, boost::asio::buffer(bytes));
    return read_all(socket);
  }

  system_clock clock_;
  system_random random_;
  telemetry::log_writer writer_;
  telemetry::logger log_;
  telemetry::metrics metrics_;
  test::recorded_traces traces_{0};
  async::runtime runtime_;
  router routes_;
  std::optional<dispatcher> dispatch_;
  std::optional<server> server_;
  std::thread thread_;
  boost::asio::io_context client_;
};

}  // namespace micro_sayur::http
