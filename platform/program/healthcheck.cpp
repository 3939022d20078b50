// SPDX-License-Identifier: Apache-2.0
#include "platform/program/healthcheck.hpp"

#include <fmt/core.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <cstdio>

namespace micro_sayur::program {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

asio::ip::address reachable(const asio::ip::address& bound) {
  if (!bound.is_unspecified()) return bound;
  return bound.is_v6() ? asio::ip::address(asio::ip::address_v6::loopback()) : asio::ip::address(asio::ip::address_v4::loopback());
}

beast::http::response<beast::http::string_body> get_ready(const asio::ip::tcp::endpoint& of, std::chrono::seconds deadline) {
  asio::io_context context;
  beast::tcp_stream stream(context);
  beast::http::response<beast::http::string_body> answer;
  beast::flat_buffer buffer;
  beast::error_code failure;
  beast::http::request<beast::http::empty_body> question(beast::http::verb::get, "/ready", 11);
  question.set(beast::http::field::host, "localhost");
  // Only asynchronous operations of a tcp_stream honour its deadline.
  stream.expires_after(deadline);
  stream.async_connect(of, [&](beast::error_code connected) {
    if ((failure = connected)) return;
    beast::http::async_write(stream, question, [&](beast::error_code written, std::size_t) {
      if ((failure = written)) return;
      beast::http::async_read(stream, buffer, answer, [&](beast::error_code read, std::size_t) { failure = read; });
    });
  });
  context.run();
  if (failure) throw beast::system_error(failure);
  return answer;
}

}  // namespace

int healthcheck(const std::string& host, std::uint16_t port, std::chrono::seconds deadline) {
  const asio::ip::tcp::endpoint of(reachable(asio::ip::make_address(host)), port);
  try {
    const auto answer = get_ready(of, deadline);
    if (answer.result() == beast::http::status::ok) return 0;
    fmt::print(stderr, "not ready: {} {}\n", answer.result_int(), answer.body());
  } catch (const beast::system_error& error) {
    fmt::print(stderr, "no answer on port {}: {}\n", port, error.code().message());
  }
  return 1;
}

}  // namespace micro_sayur::program
