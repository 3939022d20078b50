// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/telemetry/trace_context.hpp"

#include <prometheus/histogram.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::telemetry {

/// One measured value whose trace can be looked at (OpenMetrics 1.0, section "Exemplars").
struct exemplar {
  std::string trace_id;  ///< 32 hexadecimal digits
  double value = 0;
  std::chrono::system_clock::time_point at;
};

/// A histogram of durations, in seconds, that keeps the latest exemplar of each bucket. Thread-safe.
class latency {
 public:
  /// `counts` was made with `bounds`, both outlive this.
  latency(prometheus::Histogram& counts, const prometheus::Histogram::BucketBoundaries& bounds);

  /// A trace that is not sampled leaves no exemplar: nobody would find it. `trace` as tracer::recorded gives it.
  void observe(double seconds, const trace_context* trace = nullptr);

  /// One for each bucket, the last of which has no bound.
  std::vector<std::optional<exemplar>> exemplars() const;

 private:
  prometheus::Histogram& counts_;
  const prometheus::Histogram::BucketBoundaries& bounds_;
  mutable std::mutex mutex_;
  std::vector<std::optional<exemplar>> exemplars_;
};

}  // namespace micro_sayur::telemetry
