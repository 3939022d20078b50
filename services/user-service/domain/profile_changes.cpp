// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/profile_changes.hpp"

#include "contracts/event_limits.hpp"
#include "platform/base/text.hpp"
#include "platform/base/unicode.hpp"
#include "platform/base/utf8.hpp"
#include "user-service/domain/language_tag.hpp"
#include "user-service/domain/phone_number.hpp"

#include <algorithm>
#include <string_view>

namespace micro_sayur::user_service {
namespace {

constexpr std::size_t longest_name = 100;  // grapheme clusters, each of any number of code points
constexpr std::size_t longest_address = 500;

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

/// A place has both coordinates.
void check_place(const profile_changes& changes, field_faults& faults) {
  constexpr std::string_view together = "goes with the other coordinate: both are set, or both are cleared";
  const auto& lat = changes.lat;
  const auto& lng = changes.lng;
  if (lat.wanted == lng.wanted && lat.value.has_value() == lng.value.has_value()) return;
  const bool lat_lacks = !lat.wanted || (lng.wanted && !lat.value);
  faults.push_back({lat_lacks ? "lat" : "lng", "required", std::string(together)});
}

void normalise_name(change<std::string>& name, field_faults& faults) {
  if (!name.wanted) return;
  if (!name.value) return faults.push_back({"name", "required", "cannot be cleared"});
  if (auto fault = check_name(*name.value)) return faults.push_back(std::move(*fault));
  name.value = kept_name(*name.value);
}

void normalise_phone(change<std::string>& phone, std::string_view country_code, field_faults& faults) {
  if (!phone.value) return;
  phone.value = parse_phone_number(*phone.value, country_code);
  if (!phone.value)
    faults.push_back(
        {"phone", "invalid_format",
         "must be a telephone number of 8 to 15 digits with its country, such as +62 812 3456 789; one that begins with 0 is of +" +
             std::string(country_code)});
}

void normalise_address(change<std::string>& address, field_faults& faults) {
  if (!address.value) return;
  if (code_points(*address.value) > longest_address)
    faults.push_back({"address", "too_long", "must have at most 500 characters"});
  else if (has_control_characters(without_line_ends(*address.value)))
    faults.push_back({"address", "invalid_format", "must not have control characters but line ends"});
  else if (auto fault = check_visible(*address.value, "address"))
    faults.push_back(std::move(*fault));
  address.value = composed(*address.value);
}

void normalise_locale(change<std::string>& locale, std::string_view accept_language, field_faults& faults) {
  if (!locale.wanted) return;
  if (!locale.value) return faults.push_back({"locale", "required", "cannot be cleared"});
  if (auto fault = check_locale(*locale.value)) return faults.push_back(std::move(*fault));
  locale.value = choose_language(*locale.value, accept_language);
}

template <typename T>
void set_if_wanted(std::optional<T>& target, const change<T>& wanted) {
  if (wanted.wanted) target = wanted.value;
}

}  // namespace

std::optional<field_fault> check_name(std::string_view name) {
  const auto text = kept_name(name);  // which may be longer: what composition excludes is taken apart
  if (text.empty()) return field_fault{"name", "too_short", "must have at least 1 character"};
  if (grapheme_clusters(text) > longest_name) return field_fault{"name", "too_long", "must have at most 100 characters"};
  if (code_points(text) > event_limits::most_code_points_of_name)
    return field_fault{"name", "too_long", "must have at most 400 code points"};
  if (has_control_characters(text)) return field_fault{"name", "invalid_format", "must not have control characters"};
  if (auto fault = check_visible(text, "name")) return fault;
  if (text.find("://") != std::string::npos) return field_fault{"name", "invalid_format", "must not have \"://\""};
  return std::nullopt;
}

std::string kept_name(std::string_view name) { return composed(trimmed(name)); }

bool is_empty(const profile_changes& changes) {
  return !changes.name.wanted && !changes.phone.wanted && !changes.address.wanted && !changes.lat.wanted && !changes.lng.wanted &&
         !changes.locale.wanted;
}

std::optional<field_fault> check_locale(std::string_view locale) {
  if (is_language_tag(locale)) return std::nullopt;
  return field_fault{"locale", "invalid_format", "must be a language tag (BCP 47), such as id or en-US"};
}

field_faults normalise(profile_changes& changes, std::string_view country_code) {
  field_faults faults;
  normalise_name(changes.name, faults);
  normalise_phone(changes.phone, country_code, faults);
  normalise_address(changes.address, faults);
  check_coordinate(changes.lat, "lat", 90, faults);
  check_coordinate(changes.lng, "lng", 180, faults);
  check_place(changes, faults);
  normalise_locale(changes.locale, changes.accept_language, faults);
  return faults;
}

account apply(account before, const profile_changes& changes) {
  if (changes.name.value) before.name = *changes.name.value;
  if (changes.locale.value) before.locale = *changes.locale.value;
  set_if_wanted(before.phone, changes.phone);
  set_if_wanted(before.address, changes.address);
  set_if_wanted(before.lat, changes.lat);
  set_if_wanted(before.lng, changes.lng);
  return before;
}

}  // namespace micro_sayur::user_service
