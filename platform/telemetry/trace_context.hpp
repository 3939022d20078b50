// SPDX-License-Identifier: Apache-2.0
// W3C Trace Context, level 1: the headers traceparent and tracestate.
#pragma once

#include "platform/base/system.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace micro_sayur::telemetry {

struct trace_context {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  std::uint8_t flags = 0;

  /// Section 3.2.2.5.1: whoever called may have recorded this trace.
  bool is_sampled() const { return (flags & 1) != 0; }
  void set_sampled(bool sampled) { flags = static_cast<std::uint8_t>(sampled ? flags | 1 : flags & ~1); }

  /// 32 lower-case hexadecimal digits.
  std::string trace_id_text() const;

  /// 16 of them.
  std::string span_id_text() const;

  /// "00-<trace id>-<span id>-<flags>"
  std::string to_traceparent() const;

  /// The same trace with a span id of our own.
  trace_context child(random_source& random) const;
};

/// Section 3.2: version 00, or a later one of which the first four fields are read. All-zero ids and upper case are refused.
std::optional<trace_context> parse_traceparent(std::string_view header);

/// Of what `parse_traceparent` takes, as `trace_id_text`; empty for anything else.
std::string trace_id_of(std::string_view traceparent);

/// Section 3.3: at most 32 members of distinct keys, and 512 characters of them. Empty members are allowed.
bool is_tracestate(std::string_view header);

/// In lower case.
void append_hex(std::string& out, std::span<const std::uint8_t> bytes);

/// A new trace, not sampled.
trace_context new_trace(random_source& random);

}  // namespace micro_sayur::telemetry
