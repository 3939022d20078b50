// SPDX-License-Identifier: Apache-2.0
#include "platform/base/consistency.hpp"

#include <charconv>
#include <memory>

namespace micro_sayur {
namespace {

std::optional<std::int64_t> parse_number(std::string_view digits) {
  std::int64_t number = 0;
  const auto* const end = std::to_address(digits.end());
  const auto [stop, fault] = std::from_chars(std::to_address(digits.begin()), end, number);
  if (fault != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::string log_position::to_text() const { return std::to_string(timeline) + '/' + std::to_string(offset); }

std::optional<log_position> log_position::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto timeline = parse_number(text.substr(0, slash));
  const auto offset = parse_number(text.substr(slash + 1));
  if (!timeline || !offset) return std::nullopt;
  return log_position{*timeline, *offset};
}

}  // namespace micro_sayur
