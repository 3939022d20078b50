// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/password_text.hpp"

#include "platform/base/unicode.hpp"
#include "platform/base/utf8.hpp"

#include <unictype.h>
#include <unistr.h>

#include <cstdint>
#include <cstring>

namespace micro_sayur::user_service {
namespace {

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

/// Text that is overwritten at its end.
struct passing_text {
  std::string text = {};
  ~passing_text() { explicit_bzero(text.data(), text.size()); }
};

void append_with_plain_spaces(std::string& out, std::string_view text) {
  out.reserve(text.size());  // so that no shorter copy is left behind
  for (std::size_t at = 0; at < text.size();) {
    ucs4_t point = 0;
    const auto length = static_cast<std::size_t>(u8_mbtouc_unsafe(&point, bytes_of(text) + at, text.size() - at));
    if (uc_is_general_category(point, UC_SPACE_SEPARATOR))
      out.push_back(' ');
    else
      out.append(text, at, length);
    at += length;
  }
}

}  // namespace

std::string opaque_string(std::string_view typed) {
  if (!is_utf8(typed)) return std::string(typed);
  passing_text spaced;
  append_with_plain_spaces(spaced.text, typed);
  return composed(spaced.text);
}

}  // namespace micro_sayur::user_service
