// SPDX-License-Identifier: Apache-2.0
// Which traces are recorded, and the spans with which one enters this process.
#pragma once

#include "platform/base/system.hpp"
#include "platform/telemetry/tracing/span.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur::telemetry {

/// OpenTelemetry's built-in samplers (Trace SDK, section "Sampling").
struct sampler {
  bool by_parent = true;  ///< where there is a parent, it decides
  double ratio = 0;       ///< of the other traces, 0 to 1, by their id: every process decides alike

  bool samples(const trace_context& trace, bool has_parent) const;
};

/// Thread-safe. Without a sink nothing is recorded, and flags pass as they came.
class tracer {
 public:
  tracer(sampler rule, span_sink* to, random_source& random) : rule_(rule), to_(to), random_(random) {}

  /// Decides for a request that has arrived, and sets the flag of `own`, its server span's context. `parent` is what its caller sent.
  span begin_server(trace_context& own, const std::optional<trace_context>& parent) const;

  /// A span caused by one of another process, or an earlier one of this: recorded when that is. "": there was none.
  span begin_caused(span_kind kind, std::string_view name, std::string_view traceparent) const;

  /// For exemplars: `trace`, or nullptr when this process records nothing of it, whatever its caller says.
  const trace_context* recorded(const trace_context& trace) const { return to_ != nullptr && trace.is_sampled() ? &trace : nullptr; }

 private:
  const sampler rule_;
  span_sink* const to_;
  random_source& random_;
};

}  // namespace micro_sayur::telemetry
