// SPDX-License-Identifier: Apache-2.0
// CloudEvents 1.0 in the structured JSON form (application/cloudevents+json), the one form in which events leave a service.
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace micro_sayur::events {

/// Longer texts are refused.
inline constexpr std::size_t max_event_bytes = 256 * 1024;

struct cloud_event {
  uuid id;
  std::string source;
  std::string type;
  std::string subject;
  std::string dataschema;
  timestamp time;
  std::int64_t sequence = 0;  ///< order among the events of one subject, from 1
  std::string traceparent;    ///< W3C trace context; empty: none
  std::string request_id;     ///< extension `requestid`; empty: none
  std::string data;           ///< JSON text

  bool operator==(const cloud_event&) const = default;
};

/// `event.data` must be valid JSON. `sequence` is written as the sequence extension wants it: a string of digits whose
/// lexical order is the numerical one.
std::string to_json(const cloud_event& event);

/// Unknown attributes are ignored. The error names the attribute that is missing or not what it should be.
std::expected<cloud_event, std::string> parse_cloud_event(std::string_view text);

}  // namespace micro_sayur::events
