// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/trace_context.hpp"

#include <algorithm>
#include <span>

namespace micro_sayur::telemetry {
namespace {

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const auto byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 0x0f]);
  }
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

bool all_zero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
}

}  // namespace

std::string trace_context::trace_id_text() const {
  std::string text;
  append_hex(text, trace_id);
  return text;
}

std::string trace_context::to_traceparent() const {
  std::string text = "00-";
  append_hex(text, trace_id);
  text.push_back('-');
  append_hex(text, span_id);
  text.push_back('-');
  append_hex(text, std::span(&flags, 1));
  return text;
}

trace_context trace_context::child(random_source& random) const {
  trace_context next = *this;
  random.fill(next.span_id);
  return next;
}

std::optional<trace_context> parse_traceparent(std::string_view header) {
  constexpr std::size_t length = 55;
  if (header.size() < length || header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  std::uint8_t version = 0;
  trace_context context;
  if (!read_hex(header.substr(0, 2), std::span(&version, 1)) || !read_hex(header.substr(3, 32), context.trace_id) ||
      !read_hex(header.substr(36, 16), context.span_id) || !read_hex(header.substr(53, 2), std::span(&context.flags, 1)))
    return std::nullopt;
  const bool longer_is_allowed = version != 0 && (header.size() == length || header[length] == '-');
  if (version == 0xff || (header.size() != length && !longer_is_allowed)) return std::nullopt;
  if (all_zero(context.trace_id) || all_zero(context.span_id)) return std::nullopt;
  return context;
}

trace_context new_trace(random_source& random) {
  trace_context context;
  random.fill(context.trace_id);
  random.fill(context.span_id);
  return context;
}

}  // namespace micro_sayur::telemetry
