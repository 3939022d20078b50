// SPDX-License-Identifier: Apache-2.0
#include "platform/http/operations.hpp"

#include "platform/http/field_list.hpp"
#include "platform/http/openapi.hpp"

#include <memory>

namespace micro_sayur::http {
namespace {

using answers = std::vector<answer>;

constexpr auto openmetrics_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";

schema_maker any_object() {
  return [](json::schema_set&) { return boost::json::object{{"type", "object"}}; };
}

schema_maker health_schema() {
  return [](json::schema_set&) -> boost::json::object {
    return {{"type", "object"},
            {"required", {"status", "timestamp", "services"}},
            {"properties",
             {{"status", {{"type", "string"}, {"enum", {"healthy", "degraded"}}}},
              {"timestamp", {{"type", "string"}, {"format", "date-time"}}},
              {"version", {{"type", "string"}, {"description", "of the program; absent while it starts"}}},
              {"schema_version", {{"type", "integer"}, {"description", "of the database; absent while the program starts"}}},
              {"services", {{"type", "object"}, {"additionalProperties", {{"type", "string"}, {"enum", {"healthy", "unhealthy"}}}}}}}}};
  };
}

schema_maker text_schema() {
  return [](json::schema_set&) { return boost::json::object{{"type", "string"}}; };
}

}  // namespace

std::vector<route> operations_routes(const telemetry::health& health, telemetry::metrics& metrics) {
  const auto no_store = [](response answer) { return std::move(answer.with("Cache-Control", "no-store")); };
  const auto get_health = [&health, no_store](request&) -> async::task<response> {
    co_return no_store(json_response(200, health.to_json()));
  };
  const auto get_ready = [&health, no_store](request&) -> async::task<response> {
    if (health.ready()) co_return no_store(json_response(200, R"({"status":"ready"})"));
    co_return problem{.type = problems::unavailable,
                      .detail = "Not ready: starting, draining, or without a database.",
                      .retry_after = std::chrono::seconds(1)};
  };
  const auto get_metrics = [&metrics](request& from) -> async::task<response> {
    const bool wants_exemplars = names_media_type(from.header_list("accept").value_or(""), "application/openmetrics-text");
    response answer = wants_exemplars ? response(200, openmetrics_type, metrics.render(telemetry::exposition::openmetrics))
                                      : response(200, "text/plain; version=0.0.4; charset=utf-8", metrics.render());
    co_return std::move(answer.with("Vary", "Accept"));
  };
  return {{.verb = method::get,
           .path = "/health",
           .handle = get_health,
           .document = {.id = "getHealth",
                        .summary = "Whether the process lives, and what it can reach",
                        .tag = "operations",
                        .answers = {{200, "Alive", health_schema()}}}},
          {.verb = method::get,
           .path = "/ready",
           .handle = get_ready,
           .document = {.id = "getReady",
                        .summary = "Whether this instance should get requests",
                        .tag = "operations",
                        .answers = {{200, "Ready", any_object()}}}},
          {.verb = method::get,
           .path = "/metrics",
           .handle = get_metrics,
           .document = {.id = "getMetrics",
                        .summary = "Metrics in Prometheus' text format, or in OpenMetrics with exemplars where that is accepted",
                        .tag = "operations",
                        .answers = {{200, "Metrics", text_schema(), "text/plain"}}}}};
}

route openapi_route(const router& routes, std::string title, std::string version) {
  const auto text = std::make_shared<const std::string>(openapi_document(routes, title, version));
  return {.verb = method::get, .path = "/openapi.json", .handle = [text](request&) -> async::task<response> {
            co_return json_response(200, *text);
          }};
}

}  // namespace micro_sayur::http
