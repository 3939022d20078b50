// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/language_tag.hpp"

#include "platform/base/text.hpp"
#include "user-service/domain/account.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace micro_sayur::user_service {
namespace {

constexpr std::size_t longest_subtag = 8;
constexpr std::size_t most_ranges = 20;  // of a header that a stranger wrote

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> languages{{{"id", "id"}, {"in", "id"}, {"en", "en"}}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_letters(std::string_view text) { return std::ranges::all_of(text, is_letter); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool is_subtag(std::string_view text) {
  return !text.empty() && text.size() <= longest_subtag && std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

/// A weight of RFC 9110 section 12.4.2 in thousandths; 0 for what is none.
int weight_of(std::string_view parameter) {
  parameter = trimmed(parameter);
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return 0;
  double weight = 0;
  const auto* const end = parameter.data() + parameter.size();
  const auto [read, error] = std::from_chars(parameter.data() + 2, end, weight, std::chars_format::fixed);
  return error == std::errc() && read == end && weight > 0 && weight <= 1 ? static_cast<int>(weight * 1000) : 0;
}

/// The language of ours with the greatest weight in the header, the first of equals.
std::optional<std::string_view> preferred_language(std::string_view accept_language) {
  std::optional<std::string_view> preferred;
  int greatest = 0;
  std::size_t judged = 0;
  for (const auto element : split(accept_language, ',')) {
    if (++judged > most_ranges) break;
    const auto semicolon = element.find(';');
    const int weight = semicolon == std::string_view::npos ? 1000 : weight_of(element.substr(semicolon + 1));
    const auto found = weight > greatest ? look_up_language(trimmed(element.substr(0, semicolon))) : std::nullopt;
    if (!found) continue;
    preferred = found;
    greatest = weight;
  }
  return preferred;
}

}  // namespace

bool is_language_tag(std::string_view text) {
  const auto subtags = split(text, '-');
  if (!std::ranges::all_of(subtags, is_subtag)) return false;
  const auto first = subtags.front();
  const bool private_or_old =
      (first.size() == 1 && std::string_view("xXiI").find(first.front()) != std::string_view::npos) && subtags.size() > 1;
  const bool ends_in_singleton = subtags.back().size() == 1;
  return (private_or_old || (first.size() >= 2 && all_letters(first))) && (!ends_in_singleton || private_or_old);
}

std::optional<std::string_view> look_up_language(std::string_view tag) {
  std::string range(tag);
  std::ranges::transform(range, range.begin(), lower);
  while (!range.empty()) {
    const auto found = std::ranges::find(languages, std::string_view(range), &std::pair<std::string_view, std::string_view>::first);
    if (found != languages.end()) return found->second;
    const auto cut = range.rfind('-');
    range.resize(cut == std::string::npos ? 0 : cut);
    // A single letter introduces what followed it, and goes with it.
    if (range.size() >= 2 && range[range.size() - 2] == '-') range.resize(range.size() - 2);
  }
  return std::nullopt;
}

std::string_view choose_language(std::optional<std::string_view> wanted, std::string_view accept_language) {
  if (wanted)
    if (const auto found = look_up_language(*wanted)) return *found;
  if (const auto found = preferred_language(accept_language)) return *found;
  return default_locale;
}

}  // namespace micro_sayur::user_service
