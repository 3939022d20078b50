// SPDX-License-Identifier: Apache-2.0
// Prometheus metrics. Names follow the Prometheus conventions: base units, `_total` for counters, and the prefix `sayur_`
// (docs/adr/0026-metrics.md). Label values are bounded: routes, statements and templates by name, never an id or an address.
#pragma once

#include "platform/telemetry/latency.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace micro_sayur::telemetry {

/// What a scrape is written in (content negotiation by the header Accept).
enum class exposition {
  text,        ///< Prometheus' text format 0.0.4
  openmetrics  ///< OpenMetrics 1.0.0, with exemplars
};

/// The metrics of one service. Thread-safe. Metrics live as long as this; keep references to them rather than looking them up.
class metrics {
 public:
  /// Starts with sayur_build_info{version} and the process_* metrics.
  explicit metrics(const std::string& version);

  prometheus::Counter& counter(const std::string& name, const std::string& help, const prometheus::Labels& labels = {});
  prometheus::Gauge& gauge(const std::string& name, const std::string& help, const prometheus::Labels& labels = {});

  /// Of a request or a call: buckets from 0.5 ms to 10 s.
  latency& histogram(const std::string& name, const std::string& help, const prometheus::Labels& labels = {});

  /// Of what may wait for minutes: buckets from 50 ms to an hour.
  latency& long_histogram(const std::string& name, const std::string& help, const prometheus::Labels& labels = {});

  /// `read` runs at every scrape, on the scraping thread, and sets what can only be asked for.
  void on_scrape(std::function<void()> read);

  std::string render(exposition format = exposition::text);

 private:
  using bounds = prometheus::Histogram::BucketBoundaries;
  using series = std::pair<std::string, prometheus::Labels>;

  latency& histogram_of(const bounds& buckets, const std::string& name, const std::string& help, const prometheus::Labels& labels);
  std::vector<std::optional<exemplar>> exemplars_of(const std::string& family, const prometheus::ClientMetric& metric) const;

  prometheus::Registry registry_;
  std::mutex mutex_;
  std::map<series, std::unique_ptr<latency>> latencies_;
  std::vector<std::function<void()>> readers_;
};

/// Registers process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds and
/// process_start_time_seconds, read from /proc/self at every scrape.
void add_process_metrics(metrics& registry);

/// For a counter that somebody else counts: brings it to `value`.
inline void catch_up(prometheus::Counter& counter, double value) { counter.Increment(value - counter.Value()); }

}  // namespace micro_sayur::telemetry
