// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/telemetry/tracing/tracer.hpp"

#include <mutex>
#include <vector>

namespace micro_sayur::test {

/// Keeps the spans that have ended. Thread-safe.
class span_recorder final : public telemetry::span_sink {
 public:
  void take(telemetry::span_data ended) noexcept override {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(ended));
  }

  std::vector<telemetry::span_data> spans() const {
    const std::lock_guard lock(mutex_);
    return spans_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<telemetry::span_data> spans_;
};

/// A tracer whose spans a test looks at; `ratio` of new traces is recorded.
struct recorded_traces {
  explicit recorded_traces(double ratio = 1) : tracer({.by_parent = true, .ratio = ratio}, &recorder, random) {}

  system_random random;
  span_recorder recorder;
  telemetry::tracer tracer;
};

}  // namespace micro_sayur::test
