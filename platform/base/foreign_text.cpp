// SPDX-License-Identifier: Apache-2.0
#include "platform/base/foreign_text.hpp"

#include "platform/base/utf8.hpp"

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
