// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/script_place.hpp"

#include <fmt/core.h>

namespace micro_sayur::sql::postgres {
namespace {

/// Of UTF-8.
bool begins_character(char each) { return (static_cast<unsigned char>(each) & 0xC0U) != 0x80U; }

}  // namespace

std::string place_in_script(std::string_view script, std::size_t position, std::size_t answered) {
  if (position == 0) return fmt::format(", in its statement {}", answered + 1);
  std::size_t line = 1;
  std::size_t characters = 0;
  for (const char each : script) {
    if (begins_character(each) && ++characters == position) break;
    if (each == '\n') ++line;
  }
  return fmt::format(", line {}", line);
}

}  // namespace micro_sayur::sql::postgres
