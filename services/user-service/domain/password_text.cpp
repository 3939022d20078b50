// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/password_text.hpp"

#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace micro_sayur::user_service {
namespace {

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

std::string with_plain_spaces(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    ucs4_t point = 0;
    const auto length = static_cast<std::size_t>(u8_mbtouc_unsafe(&point, bytes_of(text) + at, text.size() - at));
    if (uc_is_general_category(point, UC_SPACE_SEPARATOR))
      out.push_back(' ');
    else
      out.append(text, at, length);
    at += length;
  }
  return out;
}

}  // namespace

std::string opaque_string(std::string_view typed) {
  if (u8_check(bytes_of(typed), typed.size()) != nullptr) return std::string(typed);
  const auto spaced = with_plain_spaces(typed);
  std::size_t size = 0;
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> composed(
      u8_normalize(UNINORM_NFC, bytes_of(spaced), spaced.size(), nullptr, &size), &std::free);
  if (!composed && size > 0) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(composed.get()), size};
}

}  // namespace micro_sayur::user_service
