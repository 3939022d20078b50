// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sessions/session_client.hpp"

#include "platform/curl/http_get.hpp"
#include "platform/telemetry/tracing/scope.hpp"

#include <fmt/format.h>
#include <boost/url/parse.hpp>

#include <stdexcept>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

constexpr auto retry_after = 1s;
constexpr std::string_view path = "/api/v1/profile";
constexpr std::size_t size_limit = 64U << 10;

http::problem_error no_verdict() {
  return http::problem_error(
      {.type = problems::unavailable, .detail = "Whether the session is live cannot be told now.", .retry_after = retry_after});
}

/// The request's token, and what makes the two requests one in logs and traces.
std::vector<std::string> header_lines(const http::request& from, const telemetry::trace_context& trace) {
  std::vector lines{fmt::format("Authorization: {}", from.header("authorization")), fmt::format("X-Request-Id: {}", from.request_id),
                    fmt::format("traceparent: {}", trace.to_traceparent())};
  if (!from.tracestate.empty()) lines.push_back(fmt::format("tracestate: {}", from.tracestate));
  return lines;
}

bool is_good(long status) {
  if (status != 200 && status != 401) throw std::runtime_error(fmt::format("the user-service answers with status {}", status));
  return status == 200;
}

}  // namespace

session_client::session_client(session_client_settings with, failure_handler on_failure)
    : with_(std::move(with)), on_failure_(std::move(on_failure)), threads_(with_.threads, with_.most_waiting) {}

/// HTTP's semantic conventions, section "HTTP client".
telemetry::span session_client::begin_span(const async::executor& here) const {
  auto span = telemetry::begin_child(here, telemetry::span_kind::client, "GET");
  if (!span) return span;
  const auto url = boost::urls::parse_uri(with_.user_service_url);
  if (!url) return span;
  const auto port = url->has_port() ? url->port_number() : (url->scheme_id() == boost::urls::scheme::https ? 443 : 80);
  span.set("http.request.method", "GET");
  span.set("server.address", std::string(url->host()));
  span.set("server.port", std::int64_t{port});
  return span;
}

async::task<bool> session_client::is_live(const http::request& from) {
  const auto deadline = std::chrono::steady_clock::now() + with_.deadline;
  auto span = begin_span(co_await boost::asio::this_coro::executor);
  auto ask = [deadline, url = with_.user_service_url + std::string(path), lines = header_lines(from, span ? span.context() : from.trace)] {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= 0ms) throw std::runtime_error("no thread was free in time");
    return curl::get({.url = url, .header_lines = lines, .deadline = left, .size_limit = size_limit}).status;
  };
  try {
    const auto status = co_await threads_.run(std::move(ask));
    span.set("http.response.status_code", std::int64_t{status});
    co_return is_good(status);
  } catch (const async::overloaded&) {
    throw;
  } catch (const std::runtime_error& fault) {
    on_failure_(fault.what());
    span.fail("unavailable");
  }
  throw no_verdict();
}

}  // namespace micro_sayur::notification_service
