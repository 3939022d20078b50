// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/phone_number.hpp"

#include "platform/base/text.hpp"

#include <algorithm>

namespace micro_sayur::user_service {
namespace {

constexpr std::size_t least_digits = 8;
constexpr std::size_t most_digits = 15;  // E.164 section 6

std::string without_separators(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return std::string_view(" .-()").find(c) != std::string_view::npos; });
  return out;
}

/// The digits of the whole number, its country's included; "" when it does not say which country it belongs to.
std::string international_digits(std::string_view text, std::string_view country_code) {
  if (text.starts_with('+')) return std::string(text.substr(1));
  if (text.starts_with('0')) return std::string(country_code) + std::string(text.substr(1));
  return text.starts_with(country_code) ? std::string(text) : std::string();
}

}  // namespace

std::optional<std::string> parse_phone_number(std::string_view typed, std::string_view country_code) {
  const auto digits = international_digits(without_separators(trimmed(typed)), country_code);
  const bool only_digits = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  // "+0…" and "00…" name no country: no country code begins with 0, and a national number has one 0 before it.
  const bool named_country = !digits.starts_with('0') && !trimmed(typed).starts_with("00");
  if (!only_digits || !named_country || digits.size() < least_digits || digits.size() > most_digits) return std::nullopt;
  return "+" + digits;
}

}  // namespace micro_sayur::user_service
