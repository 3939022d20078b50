// SPDX-License-Identifier: Apache-2.0
#include "platform/base/unicode.hpp"

#include <fmt/format.h>
#include <unicase.h>
#include <unictype.h>
#include <unigbrk.h>
#include <uniname.h>
#include <uninorm.h>
#include <unistr.h>

#include <array>
#include <cstdint>
#include <new>
#include <stdexcept>

namespace micro_sayur {
namespace {

constexpr char32_t capital_i_with_dot = 0x130;
constexpr char32_t zero_width_non_joiner = 0x200c;
constexpr char32_t zero_width_joiner = 0x200d;

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

std::u32string code_points_of(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    ucs4_t point = 0;
    at += static_cast<std::size_t>(u8_mbtouc(&point, bytes_of(text) + at, text.size() - at));
    out.push_back(point);
  }
  return out;
}

/// The nearest neighbour in the direction `step` that is not transparent to joining, or 0.
char32_t joining_neighbour(std::u32string_view text, std::size_t at, int step) {
  for (auto i = static_cast<std::ptrdiff_t>(at) + step; i >= 0 && i < static_cast<std::ptrdiff_t>(text.size()); i += step)
    if (uc_joining_type(text[static_cast<std::size_t>(i)]) != UC_JOINING_TYPE_T) return text[static_cast<std::size_t>(i)];
  return 0;
}

bool joins(char32_t point) { return point != 0 && uc_is_alpha(point) && uc_joining_type(point) != UC_JOINING_TYPE_U; }

bool is_joiner_in_use(std::u32string_view text, std::size_t at) {
  if (text[at] != zero_width_non_joiner && text[at] != zero_width_joiner) return false;
  const bool follows_virama = at > 0 && uc_combining_class(text[at - 1]) == UC_CCC_VR;
  return follows_virama || (joins(joining_neighbour(text, at, -1)) && joins(joining_neighbour(text, at, +1)));
}

bool is_ignorable(char32_t point) {
  return uc_is_property_default_ignorable_code_point(point) && !uc_is_property_variation_selector(point);
}

bool is_invisible(char32_t point) {
  return is_ignorable(point) || uc_is_general_category_withtable(point, UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp);
}

bool has_compatible_form(char32_t point) {
  std::array<ucs4_t, UC_DECOMPOSITION_MAX_LENGTH> decomposed{};
  int tag = UC_DECOMP_CANONICAL;
  return uc_decomposition(point, &tag, decomposed.data()) >= 0 && tag != UC_DECOMP_CANONICAL;
}

bool is_fit_for_identifiers(char32_t point) {
  constexpr std::uint32_t letters_marks_digits = UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lo | UC_CATEGORY_MASK_Lm |
                                                 UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Mc | UC_CATEGORY_MASK_Nd;
  return uc_is_general_category_withtable(point, letters_marks_digits) && !uc_is_property_default_ignorable_code_point(point) &&
         !has_compatible_form(point);
}

}  // namespace

std::string composed(std::string_view text) {
  // NFC makes UTF-8 at most three times as long (UAX 15): libunistring writes here and into no memory of its own.
  std::string out(3 * text.size(), '\0');
  std::size_t size = out.size();
  auto* place = reinterpret_cast<std::uint8_t*>(out.data());
  const auto* made = u8_normalize(UNINORM_NFC, bytes_of(text), text.size(), place, &size);
  if (made == nullptr) throw std::bad_alloc();
  if (made != place) throw std::logic_error("NFC was more than three times as long");
  out.resize(size);
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out;
  for (const auto point : code_points_of(text)) {
    // Its simple mapping is "i", which would make two addresses one (Unicode, SpecialCasing.txt).
    if (point == capital_i_with_dot) {
      out += "i\u0307";
      continue;
    }
    std::array<std::uint8_t, 6> encoded{};
    const auto length = u8_uctomb(encoded.data(), uc_tolower(point), encoded.size());
    out.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length));
  }
  return out;
}

std::size_t grapheme_clusters(std::string_view text) {
  std::size_t count = 0;
  const auto* const end = bytes_of(text) + text.size();
  for (const auto* at = bytes_of(text); at != nullptr && at < end; at = u8_grapheme_next(at, end)) ++count;
  return count;
}

std::string name_of(char32_t code_point) {
  std::array<char, UNINAME_MAX> name{};
  const bool named = unicode_character_name(code_point, name.data()) != nullptr;
  return fmt::format("U+{:04X}{}", static_cast<std::uint32_t>(code_point), named ? fmt::format(" ({})", name.data()) : "");
}

std::optional<char32_t> find_invisible(std::string_view text) {
  const auto points = code_points_of(text);
  for (std::size_t i = 0; i < points.size(); ++i)
    if (is_invisible(points[i]) && !is_joiner_in_use(points, i)) return points[i];
  return std::nullopt;
}

std::optional<char32_t> find_unfit_for_identifiers(std::string_view text) {
  for (const auto point : code_points_of(text))
    if (point > 0x7f && !is_fit_for_identifiers(point)) return point;
  return std::nullopt;
}

}  // namespace micro_sayur
