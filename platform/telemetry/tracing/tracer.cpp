// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/tracing/tracer.hpp"

#include <cmath>
#include <utility>

namespace micro_sayur::telemetry {

/// Of a trace id the last 56 bits are random (W3C Trace Context level 2, section "Randomness of trace-id").
bool sampler::samples(const trace_context& trace, bool has_parent) const {
  if (by_parent && has_parent) return trace.is_sampled();
  constexpr int random_bytes = 7;
  std::uint64_t number = 0;
  for (std::size_t i = trace.trace_id.size() - random_bytes; i < trace.trace_id.size(); ++i) number = number << 8 | trace.trace_id[i];
  return static_cast<double>(number) < std::ldexp(ratio, 8 * random_bytes);
}

span tracer::begin_server(trace_context& own, const std::optional<trace_context>& parent) const {
  if (to_ == nullptr) return {};
  own.set_sampled(rule_.samples(own, parent.has_value()));
  if (!own.is_sampled()) return {};
  return {*to_, {.context = own, .parent = parent ? std::optional(parent->span_id) : std::nullopt, .name = {}, .kind = span_kind::server}};
}

span tracer::begin_caused(span_kind kind, std::string_view name, std::string_view traceparent) const {
  if (to_ == nullptr) return {};
  const auto cause = parse_traceparent(traceparent);
  if (!cause || !cause->is_sampled()) return {};
  return {*to_, {.context = cause->child(random_), .parent = cause->span_id, .link = {}, .name = std::string(name), .kind = kind}};
}

}  // namespace micro_sayur::telemetry
