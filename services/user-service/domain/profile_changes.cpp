// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/profile_changes.hpp"

#include "user-service/domain/text.hpp"
#include "user-service/domain/unicode.hpp"

#include <algorithm>
#include <string_view>

namespace micro_sayur::user_service {
namespace {

constexpr std::size_t longest_name = 100;           // grapheme clusters
constexpr std::size_t most_name_code_points = 400;  // a cluster may have any number of them
constexpr std::size_t longest_address = 500;

/// E.164 with an optional +, and the spaces, dots, dashes and brackets that people write between digits.
bool is_phone(std::string_view text) {
  const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool only_known =
      std::all_of(text.begin(), text.end(), [](char c) { return std::string_view("0123456789 .-()+").find(c) != std::string_view::npos; });
  return only_known && text.size() <= 32 && digits >= 5 && digits <= 15 && text.find('+', 1) == std::string_view::npos;
}

std::string without_line_ends(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  return text;
}

std::optional<field_fault> check_visible(std::string_view text, std::string_view field) {
  const auto invisible = find_invisible(text);
  if (!invisible) return std::nullopt;
  return field_fault{std::string(field), "invalid_format", "must not have " + name_of(*invisible)};
}

void check_coordinate(const change<double>& wanted, const char* field, double limit, field_faults& faults) {
  if (wanted.value && (*wanted.value < -limit || *wanted.value > limit))
    faults.push_back({field, *wanted.value < 0 ? "too_small" : "too_large",
                      "must lie between -" + std::to_string(static_cast<int>(limit)) + " and " + std::to_string(static_cast<int>(limit))});
}

template <typename T>
void set_if_wanted(std::optional<T>& target, const change<T>& wanted) {
  if (wanted.wanted) target = wanted.value;
}

}  // namespace

std::optional<field_fault> check_name(std::string_view name) {
  const auto text = trimmed(name);
  if (text.empty()) return field_fault{"name", "too_short", "must have at least 1 character"};
  if (grapheme_clusters(text) > longest_name) return field_fault{"name", "too_long", "must have at most 100 characters"};
  if (code_points(text) > most_name_code_points) return field_fault{"name", "too_long", "must have at most 400 code points"};
  if (has_control_characters(text)) return field_fault{"name", "invalid_format", "must not have control characters"};
  if (auto fault = check_visible(text, "name")) return fault;
  if (text.find("://") != std::string_view::npos) return field_fault{"name", "invalid_format", "must not have \"://\""};
  return std::nullopt;
}

std::string kept_name(std::string_view name) { return composed(trimmed(name)); }

bool is_empty(const profile_changes& changes) {
  return !changes.name.wanted && !changes.phone.wanted && !changes.address.wanted && !changes.lat.wanted && !changes.lng.wanted &&
         !changes.locale.wanted;
}

field_faults check_profile(const profile_changes& changes) {
  field_faults faults;
  if (changes.name.wanted) {
    if (!changes.name.value)
      faults.push_back({"name", "required", "cannot be cleared"});
    else if (auto fault = check_name(*changes.name.value))
      faults.push_back(std::move(*fault));
  }
  if (changes.locale.wanted && !changes.locale.value) faults.push_back({"locale", "required", "cannot be cleared"});
  if (changes.phone.value && !is_phone(trimmed(*changes.phone.value)))
    faults.push_back({"phone", "invalid_format", "must be a telephone number such as +62 812 3456 789"});
  if (changes.address.value && code_points(*changes.address.value) > longest_address)
    faults.push_back({"address", "too_long", "must have at most 500 characters"});
  if (changes.address.value && has_control_characters(without_line_ends(*changes.address.value)))
    faults.push_back({"address", "invalid_format", "must not have control characters but line ends"});
  if (changes.address.value)
    if (auto fault = check_visible(*changes.address.value, "address")) faults.push_back(std::move(*fault));
  check_coordinate(changes.lat, "lat", 90, faults);
  check_coordinate(changes.lng, "lng", 180, faults);
  return faults;
}

account apply(account before, const profile_changes& changes) {
  if (changes.name.value) before.name = kept_name(*changes.name.value);
  if (changes.locale.value) before.locale = *changes.locale.value;
  set_if_wanted(before.phone, changes.phone);
  if (before.phone) before.phone = std::string(trimmed(*before.phone));
  set_if_wanted(before.address, changes.address);
  if (before.address) before.address = composed(*before.address);
  set_if_wanted(before.lat, changes.lat);
  set_if_wanted(before.lng, changes.lng);
  return before;
}

}  // namespace micro_sayur::user_service
