// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/metrics.hpp"

#include "platform/telemetry/openmetrics.hpp"

#include <prometheus/text_serializer.h>

namespace micro_sayur::telemetry {
namespace {

// The thresholds of the objectives (deployments/observability/slo.yaml) are bounds: 250 ms, 1 s; 60 s.
const prometheus::Histogram::BucketBoundaries short_bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries long_bounds{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600};

}  // namespace

metrics::metrics(const std::string& version) : registry_(prometheus::Registry::InsertBehavior::Merge) {
  gauge("sayur_build_info", "The version of this program; always 1.", {{"version", version}}).Set(1);
  add_process_metrics(*this);
}

prometheus::Counter& metrics::counter(const std::string& name, const std::string& help, const prometheus::Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Gauge& metrics::gauge(const std::string& name, const std::string& help, const prometheus::Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
}

latency& metrics::histogram(const std::string& name, const std::string& help, const prometheus::Labels& labels) {
  return histogram_of(short_bounds, name, help, labels);
}

latency& metrics::long_histogram(const std::string& name, const std::string& help, const prometheus::Labels& labels) {
  return histogram_of(long_bounds, name, help, labels);
}

latency& metrics::histogram_of(const bounds& buckets, const std::string& name, const std::string& help, const prometheus::Labels& labels) {
  auto& counts = prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(labels, buckets);
  const std::lock_guard lock(mutex_);
  auto& known = latencies_[{name, labels}];
  if (!known) known = std::make_unique<latency>(counts, buckets);
  return *known;
}

void metrics::on_scrape(std::function<void()> read) {
  const std::lock_guard lock(mutex_);
  readers_.push_back(std::move(read));
}

std::string metrics::render(exposition format) {
  const std::lock_guard lock(mutex_);
  for (const auto& read : readers_) read();
  const auto families = registry_.Collect();
  if (format == exposition::text) return prometheus::TextSerializer().Serialize(families);
  return to_openmetrics(families, [this](const auto& family, const auto& metric) { return exemplars_of(family, metric); });
}

std::vector<std::optional<exemplar>> metrics::exemplars_of(const std::string& family, const prometheus::ClientMetric& metric) const {
  prometheus::Labels labels;
  for (const auto& [name, value] : metric.label) labels[name] = value;
  const auto found = latencies_.find({family, labels});
  return found == latencies_.end() ? std::vector<std::optional<exemplar>>() : found->second->exemplars();
}

}  // namespace micro_sayur::telemetry
