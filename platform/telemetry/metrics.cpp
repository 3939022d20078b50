// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/metrics.hpp"

#include <prometheus/text_serializer.h>

namespace micro_sayur::telemetry {

const prometheus::Histogram::BucketBoundaries& latency_buckets() {
  static const prometheus::Histogram::BucketBoundaries bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                              0.1,    0.25,  0.5,    1,     2.5,  5,     10};
  return bounds;
}

metrics::metrics(const std::string& version) : registry_(prometheus::Registry::InsertBehavior::Merge) {
  gauge("build_info", "The version of this program; always 1.", {{"version", version}}).Set(1);
  add_process_metrics(*this);
}

prometheus::Counter& metrics::counter(const std::string& name, const std::string& help, const prometheus::Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Gauge& metrics::gauge(const std::string& name, const std::string& help, const prometheus::Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
}

prometheus::Histogram& metrics::histogram(const std::string& name, const std::string& help, const prometheus::Labels& labels) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(labels, latency_buckets());
}

void metrics::on_scrape(std::function<void()> read) {
  const std::lock_guard lock(mutex_);
  readers_.push_back(std::move(read));
}

std::string metrics::render() {
  const std::lock_guard lock(mutex_);
  for (const auto& read : readers_) read();
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace micro_sayur::telemetry
