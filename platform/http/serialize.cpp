// SPDX-License-Identifier: Apache-2.0
#include "platform/http/serialize.hpp"

#include <fmt/format.h>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <ctime>
#include <iterator>

namespace micro_sayur::http {
namespace {

/// The Date header's value, made once a second on each thread.
std::string_view http_date() {
  thread_local std::time_t made_at = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made_at || text.empty()) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    char buffer[32];
    text.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts));
    made_at = now;
  }
  return text;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  if (value.find_first_of("\r\n") != std::string_view::npos) return;
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

bool has(const response& answer, std::string_view name) {
  return std::any_of(answer.headers.begin(), answer.headers.end(), [&](const auto& each) { return each.first == name; });
}

}  // namespace

void serialize_head(std::string& out, const response& answer, std::string_view request_id, const telemetry::trace_context& trace,
                    framing how) {
  const auto reason = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(answer.status));
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", answer.status, std::string_view(reason.data(), reason.size()));
  append_header(out, "Date", http_date());
  if (!answer.content_type.empty()) append_header(out, "Content-Type", answer.content_type);
  if (answer.status != 204 && answer.status != 304) fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", answer.body.size());
  append_header(out, "X-Content-Type-Options", "nosniff");
  if (!has(answer, "Content-Security-Policy")) append_header(out, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  append_header(out, "X-Request-Id", request_id);
  append_header(out, "traceparent", trace.to_traceparent());
  for (const auto& [name, value] : answer.headers) append_header(out, name, value);
  if (!how.keep_alive) append_header(out, "Connection", "close");
  out += "\r\n";
}

}  // namespace micro_sayur::http
