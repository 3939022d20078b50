// SPDX-License-Identifier: Apache-2.0
// The HTTP side of one service: its routes with those of operations, its metrics, health and server.
#pragma once

#include "platform/async/task_group.hpp"
#include "platform/config/reader.hpp"
#include "platform/http/server.hpp"
#include "platform/program/loop_watch.hpp"
#include "platform/program/process.hpp"
#include "platform/sql/migrations.hpp"
#include "platform/telemetry/health.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/telemetry/otlp/configuration.hpp"
#include "platform/telemetry/tracing/tracer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::program {

struct http_settings {
  std::string host;
  std::uint16_t port;
  std::string port_variable;   ///< that `port` came from
  std::chrono::seconds drain;  ///< between "not ready" and the end of accepting
  config::network_list trusted_proxies;
  std::size_t trusted_proxy_hops = 1;
  std::size_t connections_per_client = http::server_settings{}.connections_per_client;
  config::network_list unlimited_clients = {};
  std::vector<std::string> allowed_origins;
  telemetry::tracing_settings tracing = {};
};

/// The variable `name`: an IP address to listen on.
std::string read_host(config::reader& from, std::string_view name);

/// HTTP_HOST, `port_name`, DRAIN_SECONDS, TRUSTED_PROXIES, TRUSTED_PROXY_HOPS, HTTP_CONNECTIONS_PER_CLIENT, HTTP_UNLIMITED_CLIENTS,
/// CORS_ALLOWED_ORIGINS, and those of tracing.
http_settings read_http_settings(config::reader& from, std::string_view port_name, std::uint16_t port);

/// Used on core 0. Order: construct, add checks and routes, `listen`, `started` when the service can serve, `drain`, destroy.
class http_host {
 public:
  /// `base` must outlive this. `name` is the service's, in logs and in the API document.
  http_host(process& base, std::string name, http_settings settings);
  ~http_host();

  telemetry::metrics& metrics() { return metrics_; }
  telemetry::health& health() { return health_; }
  const telemetry::logger& log() const { return log_; }
  const telemetry::tracer& tracer() const { return tracer_; }

  /// The check "database", which reads and writes; readiness, for which it suffices that the database answers; metrics of the pool. `on`
  /// must outlive this.
  void watch(sql::database& on, telemetry::whereabouts of = {});

  /// Adds the routes of operations, /openapi.json and /docs to `routes`, binds and accepts; starts the health checks. Throws config::faults
  /// that name the address and the variable when it cannot be had. Until `started` the service is not ready.
  void listen(std::vector<http::route> routes);

  /// The version goes into /health and the metrics.
  void note_schema(sql::schema_state found);

  void started();

  /// Not ready from now on; accepts nothing more after the drain time, which `at_once` spares, and lets requests finish.
  async::task<> drain(bool at_once);

 private:
  void watch_replicas(sql::database& on);
  void bind();
  telemetry::span_sink* start_exporter();

  process& base_;
  const std::string name_;
  const http_settings settings_;
  const telemetry::logger log_;
  telemetry::metrics metrics_;
  std::optional<telemetry::otlp_exporter> spans_;
  const telemetry::tracer tracer_;
  telemetry::health health_;
  http::router router_;
  http::dispatcher dispatcher_;
  async::task_group checks_;
  loop_watch loops_;
  std::optional<http::server> server_;
};

/// For health checks: throws std::runtime_error with the fault, when there is one.
async::task<> expect_no_fault(std::string fault);

/// Throws std::runtime_error when the oldest thing of a queue has waited for more than a minute.
async::task<> expect_no_backlog(std::string_view thing, std::chrono::seconds oldest);

/// The problem behind an exception of a database, a cache or a pool; nullopt: a fault of ours.
std::optional<http::problem> translate_failure(const std::exception& error);

}  // namespace micro_sayur::program
