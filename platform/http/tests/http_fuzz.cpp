// SPDX-License-Identifier: Apache-2.0
// libFuzzer at the HTTP boundary: whatever comes over a real socket is answered or refused, and the server goes on.
#include "platform/http/body.hpp"
#include "platform/http/entity_tag.hpp"
#include "platform/http/query.hpp"
#include "platform/http/server.hpp"
#include "platform/json/encode.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>
#include <thread>

namespace micro_sayur::http {
namespace {

/// One server for all inputs, on a thread of its own.
class forgetful_sink final : public telemetry::span_sink {
 public:
  void take(telemetry::span_data) noexcept override {}
};

class target {
 public:
  target() : writer_(-1), log_(writer_, clock_, "fuzz", telemetry::level::error), metrics_("0"), runtime_(1) {
    const auto read = [](request& from) -> async::task<response> {
      const auto body = read_json(from);
      co_return json_response(200, body.is_object() ? "{}" : "[]");
    };
    const auto query = [](request& from) -> async::task<response> {
      if (const auto tags = read_named_tags(from, "if-none-match")) tags->match_weakly("1");
      co_return response(200, "text/plain", query_parameter(from, "q").value_or(""));
    };
    routes_.add({{.verb = method::post, .path = "/json/{id}", .handle = read, .body_limit = 1000},
                 {.verb = method::get, .path = "/query", .handle = query},
                 {.verb = method::get, .path = "/api/query", .handle = query}});
    dispatch_.emplace(routes_, log_, metrics_, tracer_, dispatcher_settings{}, runtime_.core_count());
    server_settings settings;
    settings.proxies.is_trusted = [](const auto& address) { return address.is_loopback(); };
    server_.emplace(runtime_, *dispatch_, clock_, random_, settings);
    server_->start();
    std::thread([this] { runtime_.run(); }).detach();
  }

  /// Every answer begins as HTTP answers do.
  void feed(std::span<const std::uint8_t> input) {
    boost::asio::ip::tcp::socket socket(client_);
    boost::system::error_code error;
    do {  // the fuzzer's own alarm interrupts system calls
      socket = boost::asio::ip::tcp::socket(client_);
      socket.connect({boost::asio::ip::address_v4::loopback(), server_->port()}, error);
    } while (error == boost::asio::error::interrupted);
    if (error) std::abort();
    boost::asio::write(socket, boost::asio::buffer(input.data(), input.size()), error);
    socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
    std::string answer;
    boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
    if (!answer.empty() && !answer.starts_with("HTTP/1.1 ")) std::abort();
  }

 private:
  system_clock clock_;
  system_random random_;
  telemetry::log_writer writer_;
  telemetry::logger log_;
  telemetry::metrics metrics_;
  forgetful_sink spans_;
  telemetry::tracer tracer_{{.by_parent = true, .ratio = 1}, &spans_, random_};
  async::runtime runtime_;
  router routes_;
  std::optional<dispatcher> dispatch_;
  std::optional<server> server_;
  boost::asio::io_context client_;
};

}  // namespace
}  // namespace micro_sayur::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Never destroyed: its thread runs until the process ends.
  static auto& target = *new micro_sayur::http::target;
  target.feed({data, size});
  return 0;
}
