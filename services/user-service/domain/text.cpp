// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/text.hpp"

#include <unictype.h>
#include <unistr.h>

#include <algorithm>
#include <cstdint>

namespace micro_sayur::user_service {

std::string_view trimmed(std::string_view text) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto* last = first + text.size();
  ucs4_t point = 0;
  while (first < last) {
    const int length = u8_mbtouc(&point, first, static_cast<std::size_t>(last - first));
    if (!uc_is_property_white_space(point)) break;
    first += length;
  }
  while (const auto* before = u8_prev(&point, last, first)) {
    if (!uc_is_property_white_space(point)) break;
    last = before;
  }
  return {reinterpret_cast<const char*>(first), static_cast<std::size_t>(last - first)};
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) return true;
  }
  return false;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace micro_sayur::user_service
