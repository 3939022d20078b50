// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/measured_store.hpp"

#include "platform/telemetry/tracing/scope.hpp"

namespace micro_sayur::cache {

measured_store::measured_store(store& inner, telemetry::metrics& to)
    : inner_(inner),
      calls_(to.histogram("sayur_cache_call_seconds", "Time of a trip to the key-value store.")),
      failures_(to.counter("sayur_cache_failures_total", "Calls that the key-value store refused, or did not answer in time.")) {
  auto& opened = to.counter("sayur_cache_connections_opened_total",
                            "Connections to the key-value store that were opened; more than one for each core are reconnects.");
  to.on_scrape([this, &opened] { telemetry::catch_up(opened, static_cast<double>(inner_.connections_opened())); });
}

telemetry::span measured_store::begin_span(const async::executor& here, std::string_view operation) const {
  if (inner_.system().empty()) return {};
  auto span = telemetry::begin_child(here, telemetry::span_kind::client, operation);
  span.set("db.system.name", inner_.system());
  span.set("db.query.summary", operation);
  return span;
}

void measured_store::note(std::chrono::steady_clock::time_point began) {
  calls_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

}  // namespace micro_sayur::cache
