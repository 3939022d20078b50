// SPDX-License-Identifier: Apache-2.0
#include "platform/json/text.hpp"

#include "platform/base/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace micro_sayur::json {
namespace {

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (true) {
    const auto plain = std::find_if(text.begin(), text.end(), needs_escape);
    out.append(text.begin(), plain);
    if (plain == text.end()) break;
    append_escape(out, *plain);
    text = {plain + 1, text.end()};
  }
  out.push_back('"');
}

void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}", number);
}

void append_number(std::string& out, std::int64_t number) { fmt::format_to(std::back_inserter(out), "{}", number); }

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t most_code_points = 64;
  const std::size_t most_bytes = 4 * most_code_points;
  std::size_t end = 0;
  for (std::size_t points = 0; end < text.size() && end < most_bytes; ++end) {
    const bool begins_one = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins_one && ++points > most_code_points) break;
  }
  return end == text.size() ? std::string(text) : std::string(text.substr(0, end)) + "\u2026";
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace micro_sayur::json
