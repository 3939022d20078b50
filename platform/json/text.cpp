// SPDX-License-Identifier: Apache-2.0
#include "platform/json/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace micro_sayur::json {
namespace {

/// Whether a character that is escaped may begin with this byte.
bool may_begin_escaped(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || byte == 0xc2 || byte == 0xe2 || c == '"' || c == '\\';
}

/// The bytes of the character at the front when it is escaped, or 0.
std::size_t escaped_length(std::string_view text) {
  if (!may_begin_escaped(text.front())) return 0;
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return 1;
  if (lead == 0xc2) return text.size() > 1 && (static_cast<unsigned char>(text[1]) & 0xe0U) == 0x80 ? 2 : 0;  // C1
  return text.starts_with("\u2028") || text.starts_with("\u2029") ? 3 : 0;
}

/// Of a character of 1 to 3 bytes.
unsigned code_point_of(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(character[i])); };
  if (character.size() == 1) return byte(0);
  if (character.size() == 2) return (byte(0) & 0x1fU) << 6U | (byte(1) & 0x3fU);
  return (byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU);
}

void append_escape(std::string& out, std::string_view character) {
  switch (const auto point = code_point_of(character)) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", point);
  }
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    // At least the first byte of what is not escaped: it may look like the beginning of what is.
    const auto length = escaped_length(text);
    if (length != 0) append_escape(out, text.substr(0, length));
    const auto rest = text.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(length, 1));
    const auto next = std::find_if(rest, text.end(), may_begin_escaped);
    out.append(length == 0 ? text.begin() : rest, next);
    text = {next, text.end()};
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

}  // namespace micro_sayur::json
