// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/latency.hpp"

#include <algorithm>

namespace micro_sayur::telemetry {

latency::latency(prometheus::Histogram& counts, const prometheus::Histogram::BucketBoundaries& bounds)
    : counts_(counts), bounds_(bounds), exemplars_(bounds.size() + 1) {}

void latency::observe(double seconds, const trace_context* trace) {
  counts_.Observe(seconds);
  if (trace == nullptr || !trace->is_sampled()) return;
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, seconds) - bounds_.begin());
  exemplar latest{.trace_id = trace->trace_id_text(), .value = seconds, .at = std::chrono::system_clock::now()};
  const std::lock_guard lock(mutex_);
  exemplars_[bucket] = std::move(latest);
}

std::vector<std::optional<exemplar>> latency::exemplars() const {
  const std::lock_guard lock(mutex_);
  return exemplars_;
}

}  // namespace micro_sayur::telemetry
