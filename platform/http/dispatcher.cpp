// SPDX-License-Identifier: Apache-2.0
#include "platform/http/dispatcher.hpp"

#include "platform/async/offload_pool.hpp"
#include "platform/async/runtime.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/http/browser.hpp"
#include "platform/http/query.hpp"
#include "platform/telemetry/tracing/scope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace micro_sayur::http {
namespace {

constexpr auto default_retry_after = std::chrono::seconds(1);

constexpr std::array<std::string_view, 9> methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"};
constexpr std::string_view other_method = "_OTHER";  // strangers may send any word as method

bool is_method(std::string_view text) { return std::ranges::find(methods, text) != methods.end(); }

/// The value of a field that came once; "" otherwise.
std::string_view only_value(const request& of, std::string_view name) {
  const auto is_it = [name](const auto& each) { return each.first == name; };
  const auto found = std::ranges::find_if(of.headers, is_it);
  if (found == of.headers.end() || std::any_of(std::next(found), of.headers.end(), is_it)) return {};
  return found->second;
}

/// What needs a token is about persons: nobody stores it (RFC 9111 section 5.2.2.5), unless it says what else.
void keep_private(response& answer) {
  const bool says =
      std::any_of(answer.headers.begin(), answer.headers.end(), [](const auto& each) { return each.first == "Cache-Control"; });
  if (!says) answer.with("Cache-Control", "no-store");
}

response preflight(const request& from, const std::string& allow) {
  auto answer = no_content();
  answer.with("Allow", allow);
  if (!from.header("access-control-request-method").empty())
    answer.with("Access-Control-Allow-Methods", allow)
        .with("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id, traceparent")
        .with("Access-Control-Max-Age", "600");
  return answer;
}

}  // namespace

dispatcher::dispatcher(const router& routes, const telemetry::logger& log, telemetry::metrics& metrics, const telemetry::tracer& tracer,
                       dispatcher_settings settings, std::size_t cores)
    : routes_(routes), log_(log), metrics_(metrics), tracer_(tracer), settings_(std::move(settings)), cores_(cores) {}

/// W3C Trace Context sections 3.2.2 and 4.3: what cannot be read counts as not sent; a tracestate without its traceparent as well.
void dispatcher::trace(request& of, std::string_view verb_text) const {
  const auto parent = telemetry::parse_traceparent(only_value(of, "traceparent"));
  if (parent) {
    of.trace.trace_id = parent->trace_id;
    of.trace.flags = parent->flags;
    of.tracestate = of.header_list("tracestate").value_or("");
    if (!telemetry::is_tracestate(of.tracestate)) of.tracestate.clear();
  }
  of.span = tracer_.begin_server(of.trace, parent);
  if (!of.span) return;
  const auto method = is_method(verb_text) ? verb_text : other_method;
  of.span.set_name(std::string(method));
  of.span.set("http.request.method", method);
  of.span.set("url.scheme", "http");
}

async::task<response> dispatcher::answer(request& from, const router::match& target, std::string_view verb_text) {
  response result;
  if (target.found != nullptr)
    result = co_await run(from, *target.found);
  else if (verb_text == "OPTIONS" && !target.allow.empty())
    result = preflight(from, target.allow);
  else if (!target.allow.empty())
    result = problem{.type = problems::method_not_allowed, .detail = fmt::format("Use {}.", target.allow), .allow = target.allow};
  else
    result = not_found(from);
  finish_problem(from, result);
  if (target.found != nullptr && target.found->document.bearer) keep_private(result);
  allow_origin(from, result);
  co_return result;
}

response dispatcher::not_found(const request& from) const {
  const auto varying = [](response answer) { return std::move(answer.with("Vary", "Accept")); };
  const bool of_a_browser = is_of_a_browser(from);
  if (const auto page = page_without_slash(from, routes_); page && of_a_browser) {
    response redirect(308, {}, {});
    redirect.with("Location", *page);
    return varying(std::move(redirect));
  }
  if (of_a_browser && settings_.not_found_page) return varying(settings_.not_found_page(from));
  return varying(problem{.type = problems::not_found, .detail = "See /openapi.json for what there is."});
}

async::task<response> dispatcher::run(request& from, const route& target) {
  try {
    // Pages take whatever trackers add to their links.
    if (target.path.starts_with("/api/") && !target.any_query) check_query(from, target);
    co_return co_await (from.span ? telemetry::in_scope(from.span, target.handle(from)) : target.handle(from));
  } catch (const std::exception& error) {
    if (async::is_cancellation(error)) throw;
    co_return translate(from, error);
  }
}

response dispatcher::translate(const request& from, const std::exception& error) const {
  if (const auto* known = dynamic_cast<const problem_error*>(&error)) return known->details();
  if (dynamic_cast<const async::overloaded*>(&error) != nullptr)
    return problem{.type = problems::overloaded, .retry_after = default_retry_after};
  if (settings_.translate) {
    if (auto named = settings_.translate(error)) {
      log_.warning("request failed", {{"request_id", from.request_id},
                                      {"trace.id", from.trace.trace_id_text()},
                                      {"error.code", named->type.code},
                                      {"error.message", error.what()}});
      return std::move(*named);
    }
  }
  log_.error("request failed", {{"request_id", from.request_id},
                                {"trace.id", from.trace.trace_id_text()},
                                {"url.path", from.path},
                                {"error.message", error.what()}});
  return problem{.type = problems::internal_error, .detail = "Report the request_id to who runs this service."};
}

void dispatcher::finish_problem(const request& from, response& answer) const {
  if (!answer.fault) return;
  const auto& what = *answer.fault;
  answer.content_type = "application/problem+json";
  answer.body = to_json(what, from.request_id);
  if (what.retry_after) answer.with("Retry-After", std::to_string(std::max<std::int64_t>(1, what.retry_after->count())));
  if (!what.authenticate.empty()) answer.with("WWW-Authenticate", what.authenticate);
  if (!what.allow.empty()) answer.with("Allow", what.allow);
  if (!what.accept_encoding.empty()) answer.with("Accept-Encoding", what.accept_encoding);
  answer.with("Cache-Control", "no-store");
}

void dispatcher::allow_origin(const request& from, response& answer) const {
  if (settings_.allowed_origins.empty()) return;
  answer.with("Vary", "Origin");
  const auto origin = from.header("origin");
  if (std::find(settings_.allowed_origins.begin(), settings_.allowed_origins.end(), origin) == settings_.allowed_origins.end()) return;
  answer.with("Access-Control-Allow-Origin", std::string(origin))
      .with("Access-Control-Expose-Headers", "ETag, Link, Retry-After, X-Request-Id, traceparent");
}

void dispatcher::record(request& from, const route* where, std::string_view verb_text, unsigned status) {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - from.received;
  measure(from, where, status, elapsed.count());
  log_.info("request", {{"request_id", from.request_id},
                        {"trace.id", from.trace.trace_id_text()},
                        {"http.request.method", verb_text},
                        {"http.route", where != nullptr ? where->path : std::string_view("-")},
                        {"http.response.status_code", status},
                        {"event.duration", std::llround(elapsed.count() * 1e9)}});
  if (from.span) end_span(from, where, status);
}

/// HTTP's semantic conventions, section "HTTP server". The query is left out, since tokens may travel there, and so is a path that leads
/// nowhere, in which a stranger may have written anything.
void dispatcher::end_span(request& from, const route* where, unsigned status) {
  auto span = std::exchange(from.span, {});
  if (where != nullptr) {
    span.append_to_name(fmt::format(" {}", where->path));
    span.set("http.route", where->path);
    span.set("url.path", foreign_text(from.path));
  }
  span.set("http.response.status_code", std::int64_t{status});
  if (status >= 500) span.fail(std::to_string(status));
}

void dispatcher::measure(const request& from, const route* where, unsigned status, double seconds) {
  auto& [latency, by_status] = cores_[async::runtime::this_core()][where];
  const auto route_labels = [&] {
    return where != nullptr ? prometheus::Labels{{"method", std::string(to_string(where->verb))}, {"route", std::string(where->path)}}
                            : prometheus::Labels{{"method", "-"}, {"route", "-"}};
  };
  if (latency == nullptr)
    latency =
        &metrics_.histogram("sayur_http_request_duration_seconds", "Time from the first byte of a request to its answer.", route_labels());
  latency->observe(seconds, tracer_.recorded(from.trace));
  auto known = std::find_if(by_status.begin(), by_status.end(), [&](const auto& each) { return each.first == status; });
  if (known == by_status.end()) {
    auto with_status = route_labels();
    with_status["status"] = std::to_string(status);
    known = by_status.insert(by_status.end(), {status, &metrics_.counter("sayur_http_requests_total", "Requests answered.", with_status)});
  }
  known->second->Increment();
}

}  // namespace micro_sayur::http
