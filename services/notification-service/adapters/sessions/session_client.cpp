// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sessions/session_client.hpp"

#include "platform/curl/http_get.hpp"
#include "platform/telemetry/tracing/scope.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

constexpr auto retry_after = 1s;
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

bool verdict_of(const curl::get_answer& answer) {
  if (answer.status != 200 && answer.status != 401)
    throw std::runtime_error(fmt::format("the user-service answers with status {}", answer.status));
  return answer.status == 200;
}

}  // namespace

session_client::session_client(session_client_settings with, failure_handler on_failure)
    : with_(std::move(with)), on_failure_(std::move(on_failure)), threads_(with_.threads, with_.most_waiting) {}

async::task<bool> session_client::is_live(const http::request& from) {
  const auto deadline = std::chrono::steady_clock::now() + with_.deadline;
  auto span = telemetry::begin_child(co_await boost::asio::this_coro::executor, telemetry::span_kind::client, "GET");
  const auto url = with_.user_service_url + "/api/v1/profile";
  span.set("http.request.method", "GET");
  span.set("url.full", url);
  auto ask = [deadline, url, lines = header_lines(from, span ? span.context() : from.trace)] {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= 0ms) throw std::runtime_error("no thread was free in time");
    return verdict_of(curl::get({.url = url, .header_lines = lines, .deadline = left, .size_limit = size_limit}));
  };
  try {
    co_return co_await threads_.run(std::move(ask));
  } catch (const async::overloaded&) {
    throw;
  } catch (const std::runtime_error& fault) {
    on_failure_(fault.what());
    span.fail("unavailable");
  }
  throw no_verdict();
}

}  // namespace micro_sayur::notification_service
