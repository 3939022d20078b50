// SPDX-License-Identifier: Apache-2.0
#include "platform/base/foreign_text.hpp"

namespace micro_sayur {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";
constexpr std::string_view ellipsis = "\xe2\x80\xa6";

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return character.size() == 2 && first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low, unsigned high) { return i < text.size() && byte(i) >= low && byte(i) <= high; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1, 0x80, 0xbf) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : 0xbf;
    return continues(1, low, high) && continues(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
    return continues(1, low, high) && continues(2, 0x80, 0xbf) && continues(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

std::string foreign_text(std::string_view text, std::size_t most_bytes) {
  std::string clean;
  std::size_t fits = 0;  // what can stay in front of the ellipsis
  bool after_control = false;
  while (!text.empty()) {
    const auto length = utf8_sequence_length(text);
    const auto character = length == 0 ? replacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
    const bool control = is_control(character);
    if (control && after_control) continue;
    after_control = control;
    clean += control ? " " : character;
    if (clean.size() + ellipsis.size() <= most_bytes) fits = clean.size();
    if (clean.size() <= most_bytes) continue;
    clean.resize(fits);
    if (ellipsis.size() <= most_bytes) clean += ellipsis;
    break;
  }
  return clean;
}

}  // namespace micro_sayur
