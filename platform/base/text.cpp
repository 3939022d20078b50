// SPDX-License-Identifier: Apache-2.0
#include "platform/base/text.hpp"

#include <unictype.h>
#include <unistr.h>

#include <algorithm>
#include <cstdint>

namespace micro_sayur {

std::string_view trimmed(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t begin = text.size();
  std::size_t end = begin;
  for (std::size_t at = 0; at < text.size();) {
    ucs4_t point = 0;
    const auto length = static_cast<std::size_t>(u8_mbtouc(&point, bytes + at, text.size() - at));
    if (!uc_is_property_white_space(point)) {
      begin = std::min(begin, at);
      end = at + length;
    }
    at += length;
  }
  return text.substr(begin, end - begin);
}

bool has_white_space(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    ucs4_t point = 0;
    at += static_cast<std::size_t>(u8_mbtouc(&point, bytes + at, text.size() - at));
    if (uc_is_property_white_space(point)) return true;
  }
  return false;
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

}  // namespace micro_sayur
