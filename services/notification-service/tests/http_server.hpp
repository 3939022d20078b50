// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <string_view>
#include <thread>

namespace micro_sayur::notification_service::test {

inline std::string http_answer(std::string_view status, std::string_view body, std::string_view header = "") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status, body.size(), header, body);
}

/// Listens on loopback; answers one request, on a thread of its own, once it is told how. Until then it leaves clients waiting.
class http_server {
 public:
  ~http_server() { join(); }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", acceptor_.local_endpoint().port()); }

  void answer_once(std::string answer) {
    thread_ = std::thread([this, answer = std::move(answer)] {
      boost::asio::ip::tcp::socket socket(context_);
      acceptor_.accept(socket);
      boost::asio::streambuf read;
      const auto size = boost::asio::read_until(socket, read, "\r\n\r\n");
      request_.assign(boost::asio::buffers_begin(read.data()), boost::asio::buffers_begin(read.data()) + static_cast<std::ptrdiff_t>(size));
      boost::system::error_code ignored;  // a client that has read enough hangs up
      boost::asio::write(socket, boost::asio::buffer(answer), ignored);
    });
  }

  /// The head of the request that was answered.
  const std::string& request() {
    join();
    return request_;
  }

 private:
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::string request_;
  std::thread thread_;
};

}  // namespace micro_sayur::notification_service::test
