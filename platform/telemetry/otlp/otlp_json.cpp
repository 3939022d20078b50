// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/otlp/otlp_json.hpp"

#include "platform/base/foreign_text.hpp"
#include "platform/base/version.hpp"
#include "platform/json/text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <variant>

namespace micro_sayur::telemetry {
namespace {

constexpr std::size_t bytes_of_span = 768;  // of most: a guess that spares growing

void append_number(std::string& out, std::int64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// `name` is a literal that needs no escape.
void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += "{\"key\":\"";
  out += name;
  out += "\",\"value\":{\"stringValue\":";
  json::append_string(out, value);
  out += "}}";
}

void append_attribute(std::string& out, std::string_view name, std::int64_t value) {
  out += "{\"key\":\"";
  out += name;
  out += "\",\"value\":{\"intValue\":\"";
  append_number(out, value);
  out += "\"}}";
}

/// `append` is called for each of `all`, commas between two.
template <typename Range, typename Append>
void append_all(std::string& out, const Range& all, Append append) {
  bool is_first = true;
  for (const auto& each : all) {
    if (!std::exchange(is_first, false)) out.push_back(',');
    append(each);
  }
}

void append_ids(std::string& out, const trace_context& of) {
  out += "\"traceId\":\"";
  append_hex(out, of.trace_id);
  out += "\",\"spanId\":\"";
  append_hex(out, of.span_id);
  out += "\"";
}

void append_span(std::string& out, const span_data& of) {
  const auto start = std::chrono::duration_cast<std::chrono::nanoseconds>(of.start.time_since_epoch()).count();
  out += "{";
  append_ids(out, of.context);
  if (of.parent) {
    out += ",\"parentSpanId\":\"";
    append_hex(out, *of.parent);
    out += "\"";
  }
  out += ",\"name\":";
  json::append_string(out, of.name);
  out += ",\"kind\":";
  append_number(out, static_cast<int>(of.kind));
  out += ",\"startTimeUnixNano\":\"";
  append_number(out, start);
  out += "\",\"endTimeUnixNano\":\"";
  append_number(out, start + of.duration.count());
  out += "\",\"attributes\":[";
  append_all(out, of.attributes, [&](const span_attribute& each) {
    std::visit([&](const auto& value) { append_attribute(out, each.name, value); }, each.value);
  });
  out += "]";
  if (of.link) {
    out += ",\"links\":[{";
    append_ids(out, *of.link);
    out += "}]";
  }
  if (of.failed) out += ",\"status\":{\"code\":2}";  // STATUS_CODE_ERROR
  out += "}";
}

}  // namespace

std::string to_otlp_json(const resource_attributes& resource, const std::vector<span_data>& spans) {
  std::string out;
  out.reserve(bytes_of_span * (spans.size() + 1));
  out += "{\"resourceSpans\":[{\"resource\":{\"attributes\":[";
  append_all(out, resource, [&](const auto& each) { append_attribute(out, each.first, foreign_text(each.second)); });
  out += "]},\"scopeSpans\":[{\"scope\":{\"name\":\"micro-sayur\",\"version\":";
  json::append_string(out, version);
  out += "},\"spans\":[";
  append_all(out, spans, [&](const auto& each) { append_span(out, each); });
  out += "]}]}]}";
  return out;
}

}  // namespace micro_sayur::telemetry
