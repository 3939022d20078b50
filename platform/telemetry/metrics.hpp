// SPDX-License-Identifier: Apache-2.0
// Prometheus metrics. Names follow the Prometheus conventions: base units, `_total` for counters.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace micro_sayur::telemetry {

/// Bucket bounds in seconds, from 0.5 ms to 10 s.
const prometheus::Histogram::BucketBoundaries& latency_buckets();

/// The metrics of one process. Thread-safe. Metrics live as long as this; keep references to them rather than looking them up.
class metrics {
 public:
  /// Starts with build_info{version} and the process_* metrics.
  explicit metrics(const std::string& version);

  prometheus::Counter& counter(const std::string& name, const std::string& help, const prometheus::Labels& labels = {});
  prometheus::Gauge& gauge(const std::string& name, const std::string& help, const prometheus::Labels& labels = {});
  prometheus::Histogram& histogram(const std::string& name, const std::string& help, const prometheus::Labels& labels = {});

  /// `read` runs at every scrape, on the scraping thread, and sets what can only be asked for.
  void on_scrape(std::function<void()> read);

  /// The text exposition format, version 0.0.4.
  std::string render();

 private:
  prometheus::Registry registry_;
  std::mutex mutex_;
  std::vector<std::function<void()>> readers_;
};

/// Registers process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds and
/// process_start_time_seconds, read from /proc/self at every scrape.
void add_process_metrics(metrics& registry);

}  // namespace micro_sayur::telemetry
