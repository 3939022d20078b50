// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/trace_context.hpp"

#include <algorithm>
#include <ranges>
#include <span>
#include <vector>

namespace micro_sayur::telemetry {
namespace {

constexpr std::size_t traceparent_length = 55;
constexpr std::size_t longest_tracestate = 512;
constexpr std::size_t most_members = 32;
constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_value = 256;

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

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_small_letter(char c) { return c >= 'a' && c <= 'z'; }

/// Section 3.3.1.3.1: a small letter, or a digit where a vendor's name follows; then these signs as well, with one "@" at most.
bool is_key(std::string_view text) {
  if (text.empty() || text.size() > longest_key || (!is_small_letter(text.front()) && !is_digit(text.front()))) return false;
  const auto at = text.find('@');
  if (at == std::string_view::npos && is_digit(text.front())) return false;
  if (at != std::string_view::npos && (at + 1 == text.size() || !is_small_letter(text[at + 1]))) return false;
  return std::ranges::count(text, '@') <= 1 &&
         std::ranges::all_of(text, [](char c) { return is_small_letter(c) || is_digit(c) || std::string_view("_-*/@").contains(c); });
}

/// Section 3.3.1.3.2: printable ASCII but "," and "=", which does not end with a space.
bool is_value(std::string_view text) {
  return !text.empty() && text.size() <= longest_value && text.back() != ' ' &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '='; });
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto at = out.size();
  out.resize(at + 2 * bytes.size());
  for (const auto byte : bytes) {
    out[at++] = digits[byte >> 4];
    out[at++] = digits[byte & 0x0f];
  }
}

std::string trace_context::trace_id_text() const {
  std::string text;
  append_hex(text, trace_id);
  return text;
}

std::string trace_context::span_id_text() const {
  std::string text;
  append_hex(text, span_id);
  return text;
}

std::string trace_context::to_traceparent() const {
  std::string text = "00-";
  text.reserve(traceparent_length);
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
  if (header.size() < traceparent_length || header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  std::uint8_t version = 0;
  trace_context context;
  if (!read_hex(header.substr(0, 2), std::span(&version, 1)) || !read_hex(header.substr(3, 32), context.trace_id) ||
      !read_hex(header.substr(36, 16), context.span_id) || !read_hex(header.substr(53, 2), std::span(&context.flags, 1)))
    return std::nullopt;
  const bool longer_is_allowed = version != 0 && (header.size() == traceparent_length || header[traceparent_length] == '-');
  if (version == 0xff || (header.size() != traceparent_length && !longer_is_allowed)) return std::nullopt;
  if (all_zero(context.trace_id) || all_zero(context.span_id)) return std::nullopt;
  context.flags &= 1;  // section 3.2.2.5: what the others mean is not known
  return context;
}

std::string trace_id_of(std::string_view traceparent) {
  const auto trace = parse_traceparent(traceparent);
  return trace ? trace->trace_id_text() : std::string();
}

bool is_tracestate(std::string_view header) {
  if (header.size() > longest_tracestate) return false;
  std::vector<std::string_view> keys;
  for (const auto part : std::views::split(header, ',')) {
    const auto member = trim({part.begin(), part.end()});
    if (member.empty()) continue;
    const auto equals = member.find('=');
    if (equals == std::string_view::npos || !is_key(member.substr(0, equals)) || !is_value(member.substr(equals + 1))) return false;
    keys.push_back(member.substr(0, equals));
  }
  if (keys.size() > most_members) return false;
  std::ranges::sort(keys);
  return std::ranges::adjacent_find(keys) == keys.end();
}

trace_context new_trace(random_source& random) {
  trace_context context;
  random.fill(context.trace_id);
  random.fill(context.span_id);
  return context;
}

}  // namespace micro_sayur::telemetry
