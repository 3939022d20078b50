// SPDX-License-Identifier: Apache-2.0
// Between the connection and the handlers: finds the route, turns exceptions into problems, logs and measures each request once.
#pragma once

#include "platform/http/router.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/telemetry/tracing/tracer.hpp"

#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace micro_sayur::http {

/// Names the problem behind an exception that the platform's HTTP part does not know (a database that is away, ...); nullopt: a fault of
/// ours.
using exception_translator = std::function<std::optional<problem>(const std::exception&)>;

struct dispatcher_settings {
  std::vector<std::string> allowed_origins;  ///< CORS; "*" is not accepted, requests carry credentials
  exception_translator translate;
  std::function<response(const request&)> not_found_page = {};  ///< for browsers, instead of the problem
};

/// Thread-safe; one per server. Keeps references to everything but its settings.
class dispatcher {
 public:
  dispatcher(const router& routes, const telemetry::logger& log, telemetry::metrics& metrics, const telemetry::tracer& tracer,
             dispatcher_settings settings, std::size_t cores);

  const router& routes() const { return routes_; }

  /// The server span: what `of` sent as traceparent and tracestate is taken over, or a trace begins. `of.trace` has ids of its own.
  void trace(request& of, std::string_view verb_text) const;

  /// Never throws but for cancellation. `target` is what router::find said; `verb_text` is the method as received, for HEAD and OPTIONS.
  async::task<response> answer(request& from, const router::match& target, std::string_view verb_text);

  /// One log line, the metrics, and the end of the span. For refused requests `where` is null.
  void record(request& from, const route* where, std::string_view verb_text, unsigned status);

 private:
  struct series {
    telemetry::latency* latency = nullptr;
    std::vector<std::pair<unsigned, prometheus::Counter*>> by_status;
  };
  using per_core = std::unordered_map<const route*, series>;

  response not_found(const request& from) const;
  async::task<response> run(request& from, const route& target);
  response translate(const request& from, const std::exception& error) const;
  void allow_origin(const request& from, response& answer) const;
  void finish_problem(const request& from, response& answer) const;
  static void end_span(request& from, const route* where, unsigned status);
  void measure(const request& from, const route* where, unsigned status, double seconds);

  const router& routes_;
  const telemetry::logger& log_;
  telemetry::metrics& metrics_;
  const telemetry::tracer& tracer_;
  const dispatcher_settings settings_;
  std::vector<per_core> cores_;
};

}  // namespace micro_sayur::http
