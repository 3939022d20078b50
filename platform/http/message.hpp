// SPDX-License-Identifier: Apache-2.0
// A request as handlers see it, and their answer.
#pragma once

#include "platform/http/problem.hpp"
#include "platform/telemetry/tracing/span.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace micro_sayur::http {

enum class method { get, post, patch, put, remove };

std::string_view to_string(method verb);

/// One request. Handlers may hold references into it until their task ends.
struct request {
  method verb = method::get;
  std::string path;                                          ///< percent-encoding as received
  std::string query;                                         ///< without '?'
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, in order
  std::vector<std::string> path_parameters;                  ///< values of {…} in the route's path, in order
  std::string body;
  boost::asio::ip::address client;  ///< of the peer, or of the client that a trusted proxy names
  std::string request_id;
  telemetry::trace_context trace;  ///< of the server span, recorded or not
  std::string tracestate;          ///< as the caller sent it; "" without one, or when the trace begins here
  telemetry::span span;
  std::chrono::steady_clock::time_point received;

  /// The first value, or "". `name` in lower case.
  std::string_view header(std::string_view name) const;

  /// The values of all lines of this field, which may come in several, joined by commas (RFC 9110 section 5.3); nullopt without any.
  std::optional<std::string> header_list(std::string_view name) const;
};

/// An answer. Content-Length, Date, X-Request-Id and traceparent are added by the server.
struct response {
  unsigned status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> headers;  ///< names have static storage
  std::unique_ptr<problem> fault;                                 ///< instead of a body

  response() = default;
  response(unsigned status_, std::string content_type_, std::string body_)
      : status(status_), content_type(std::move(content_type_)), body(std::move(body_)) {}
  response(problem what) : status(what.type.status), fault(std::make_unique<problem>(std::move(what))) {}

  response& with(std::string_view name, std::string value) {
    headers.emplace_back(name, std::move(value));
    return *this;
  }
};

/// 204.
inline response no_content() { return {204, {}, {}}; }

/// `body` is JSON text.
inline response json_response(unsigned status, std::string body) { return {status, "application/json", std::move(body)}; }

}  // namespace micro_sayur::http
