// SPDX-License-Identifier: Apache-2.0
#include "platform/program/http_host.hpp"

#include "platform/base/version.hpp"
#include "platform/config/parse.hpp"
#include "platform/http/operations.hpp"
#include "platform/program/browser_pages.hpp"
#include "platform/sql/error.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

namespace micro_sayur::program {
namespace {

using namespace std::chrono_literals;

/// Requests that still run when accepting ends may take this long.
constexpr auto grace = 30s;

/// What lies in a queue for longer is stuck.
constexpr auto longest_wait = 60s;

http::server_settings server_settings_of(const http_settings& from) {
  http::server_settings out;
  out.host = from.host;
  out.port = from.port;
  out.proxies.is_trusted = [trusted = from.trusted_proxies](const auto& address) { return trusted.matches(address); };
  out.proxies.hops = from.trusted_proxy_hops;
  out.connections_per_client = from.connections_per_client;
  out.is_unlimited = [unlimited = from.unlimited_clients](const auto& address) { return unlimited.matches(address); };
  return out;
}

/// As the header Origin has it (RFC 6454 section 6.2): a scheme, a name in small letters, perhaps a port, and nothing else.
bool is_origin(const std::string& text) {
  const auto name = text.find("://");
  return name != std::string::npos && text.find('/', name + 3) == std::string::npos && config::parse_http_url(text) == text;
}

}  // namespace

std::string read_host(config::reader& from, std::string_view name) {
  auto host = from.text(name, "address to listen on; 0.0.0.0 is every one", "127.0.0.1");
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  if (error) from.add_fault(name, "\"" + host + "\" is not an IP address", "set it to an address of this machine, or 0.0.0.0 or ::");
  return host;
}

http_settings read_http_settings(config::reader& from, std::string_view port_name, std::uint16_t port) {
  http_settings out;
  out.host = read_host(from, "HTTP_HOST");
  out.port_variable = port_name;
  out.port = from.port(port_name, "port to listen on", port);
  out.drain = from.duration("DRAIN_SECONDS", "how long to serve on after SIGTERM while not ready, so that balancers see it", 5s);
  out.trusted_proxies = from.networks("TRUSTED_PROXIES", "whose X-Forwarded-For is believed");
  if (out.trusted_proxies.matches_everybody())
    from.add_fault("TRUSTED_PROXIES", "has every address in it, so that every client could say that it is another",
                   "name the networks of the proxies, such as 10.0.0.0/8");
  out.trusted_proxy_hops = static_cast<std::size_t>(from.integer(
      "TRUSTED_PROXY_HOPS", "how many proxies are in front, each of which appends to X-Forwarded-For whom it got a request from", 1,
      {.minimum = 1, .maximum = 16}));
  out.connections_per_client = static_cast<std::size_t>(
      from.integer("HTTP_CONNECTIONS_PER_CLIENT", "how many connections one address (of IPv6: one /64) may have open; trusted proxies any",
                   static_cast<std::int64_t>(out.connections_per_client), {.minimum = 1, .maximum = 1'000'000}));
  out.unlimited_clients = from.networks("HTTP_UNLIMITED_CLIENTS", "networks to which HTTP_CONNECTIONS_PER_CLIENT does not apply");
  out.allowed_origins = from.list("CORS_ALLOWED_ORIGINS", "origins whose pages may call, such as https://sayur.example");
  for (const auto& origin : out.allowed_origins)
    if (!is_origin(origin))
      from.add_fault(
          "CORS_ALLOWED_ORIGINS", "\"" + origin + "\" is not acceptable",
          "name each origin as browsers send it, such as https://sayur.example: no path, no slash at its end, commas between two");
  out.tracing = telemetry::read_tracing_settings(from);
  return out;
}

std::optional<http::problem> translate_failure(const std::exception& error) {
  if (dynamic_cast<const sql::overloaded*>(&error) != nullptr) return http::problem{.type = problems::overloaded, .retry_after = 1s};
  if (sql::passes_by_itself(error))
    return http::problem{.type = problems::unavailable, .detail = "The database cannot do this at present.", .retry_after = 1s};
  return std::nullopt;
}

async::task<> expect_no_fault(std::string fault) {
  if (!fault.empty()) throw std::runtime_error(fault);
  co_return;
}

async::task<> expect_no_backlog(std::string_view thing, std::chrono::seconds oldest) {
  if (oldest > longest_wait) throw std::runtime_error(fmt::format("the oldest {} has waited for {} s", thing, oldest.count()));
  co_return;
}

http_host::http_host(process& base, std::string name, http_settings settings)
    : base_(base),
      name_(std::move(name)),
      settings_(std::move(settings)),
      log_(base.writer, base.clock, name_, base.log_level),
      metrics_(std::string(version)),
      tracer_(settings_.tracing.rule, start_exporter(), base.random),
      health_(base.clock),
      dispatcher_(router_, log_, metrics_, tracer_,
                  {.allowed_origins = settings_.allowed_origins, .translate = translate_failure, .not_found_page = not_found_page(router_)},
                  base.cores.core_count()),
      checks_(base.cores.core(0).get_executor()),
      loops_(base.cores, metrics_) {
  health_.tell(log_, metrics_);
}

http_host::~http_host() = default;

/// Null when nothing is exported.
telemetry::span_sink* http_host::start_exporter() {
  const telemetry::span_counters counters(metrics_);
  const auto& with = settings_.tracing;
  if (!with.exporter) return nullptr;
  spans_.emplace(*with.exporter,
                 telemetry::resource_attributes{{"service.name", with.service_name.empty() ? name_ : with.service_name},
                                                {"service.version", std::string(version)},
                                                {"service.instance.id", base_.ids.next().to_string()},
                                                {"telemetry.sdk.language", "cpp"},
                                                {"telemetry.sdk.name", "micro-sayur"},
                                                {"telemetry.sdk.version", std::string(version)}},
                 log_, counters);
  metrics_.on_scrape([this, &dropped = counters.dropped] { telemetry::catch_up(dropped, static_cast<double>(spans_->dropped())); });
  return &spans_->sink();
}

void http_host::watch(sql::database& on, telemetry::whereabouts of) {
  static constexpr sql::statement ping{"ping", "SELECT 1"};
  health_.add_gate([&on]() -> async::task<> { co_await on.query({ping, {}, consistency::bounded_staleness()}); });
  const auto read_and_write = [&on]() -> async::task<> {
    co_await on.query(ping);
    co_await on.execute_one(on.state().refuses_writes ? sql::try_to_write : ping);
  };
  health_.add("database", read_and_write, std::move(of));
  auto& connections = metrics_.gauge("sayur_database_connections", "Open connections to the database.");
  auto& busy = metrics_.gauge("sayur_database_connections_busy", "Connections to the database that are in use.");
  watch_replicas(on);
  auto& waiting = metrics_.gauge("sayur_database_calls_waiting", "Calls that wait for a connection to the database.");
  metrics_.on_scrape([&on, &connections, &busy, &waiting] {
    const auto state = on.state();
    connections.Set(static_cast<double>(state.connections));
    busy.Set(static_cast<double>(state.busy));
    waiting.Set(static_cast<double>(state.waiting));
  });
}

void http_host::watch_replicas(sql::database& on) {
  struct series {
    prometheus::Gauge& used;
    prometheus::Counter& reads;
  };
  std::vector<series> all;
  for (const auto& [server, used, lag, reads] : on.replicas())
    all.push_back(
        {.used = metrics_.gauge("sayur_database_replica_used", "1 while reads that may be stale go to the replica.", {{"server", server}}),
         .reads = metrics_.counter("sayur_database_replica_reads_total", "Reads that the replica has answered.", {{"server", server}})});
  auto& most_lag =
      metrics_.gauge("sayur_database_replica_lag_seconds",
                     "The age of the newest change that the replica which is most behind is known to have; 0 without replicas.");
  metrics_.on_scrape([&on, &most_lag, all = std::move(all)] {
    std::chrono::duration<double> lag{};
    const auto now = on.replicas();
    for (std::size_t i = 0; i < all.size(); ++i) {
      lag = std::max(lag, now[i].lag);
      all[i].used.Set(now[i].is_used ? 1 : 0);
      all[i].reads.Increment(static_cast<double>(now[i].reads) - all[i].reads.Value());
    }
    most_lag.Set(lag.count());
  });
}

void http_host::bind() {
  try {
    server_.emplace(base_.cores, dispatcher_, base_.clock, base_.random, server_settings_of(settings_));
  } catch (const http::listen_error& error) {
    throw config::faults({fmt::format("{}: cannot listen on {}; set it to a port that is free here and that this user may have",
                                      settings_.port_variable, error.what())});
  }
}

void http_host::listen(std::vector<http::route> routes) {
  router_.add(std::move(routes));
  router_.add(http::operations_routes(health_, metrics_));
  router_.add(shared_page_routes(router_));
  router_.add({http::openapi_route(router_, name_, std::string(version))});
  bind();
  auto& connections = metrics_.gauge("sayur_http_connections", "Open connections.");
  constexpr auto refused_help = "Connections that were closed as they came, because a client or all had too many.";
  auto& of_clients = metrics_.counter("sayur_http_connections_refused_total", refused_help, {{"limit", "client"}});
  auto& of_all = metrics_.counter("sayur_http_connections_refused_total", refused_help, {{"limit", "all"}});
  auto& dropped = metrics_.counter("sayur_log_lines_dropped_total", "Log lines that were dropped because stdout was too slow.");
  metrics_.on_scrape([this, &connections, &of_clients, &of_all, &dropped] {
    connections.Set(static_cast<double>(server_->connections()));
    const auto refused = server_->refused();
    telemetry::catch_up(of_clients, static_cast<double>(refused.of_clients));
    telemetry::catch_up(of_all, static_cast<double>(refused.of_all));
    telemetry::catch_up(dropped, static_cast<double>(base_.writer.dropped()));
  });
  checks_.spawn("health checks", [this] { return health_.run(); });
  checks_.spawn("lag of the loops", [this] { return loops_.run(); });
  server_->start();
  log_.info("listening", {{"server.address", settings_.host}, {"server.port", server_->port()}, {"service.version", version}});
}

void http_host::note_schema(sql::schema_state found) {
  metrics_.gauge("sayur_schema_version", "The newest migration that was applied to the database when this instance started.")
      .Set(static_cast<double>(found.found));
  health_.set_versions(version, found.found);
}

void http_host::started() {
  health_.started();
  log_.info("ready");
}

async::task<> http_host::drain(bool at_once) {
  health_.drain();
  if (!at_once) {
    log_.info("draining", {{"drain.seconds", settings_.drain.count()}});
    co_await async::sleep_for(settings_.drain);
  }
  if (server_) co_await server_->stop(grace);
  checks_.cancel();
  co_await checks_.join();
}

}  // namespace micro_sayur::program
