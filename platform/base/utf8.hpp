// SPDX-License-Identifier: Apache-2.0
// UTF-8 (RFC 3629): no overlong forms, surrogates or values above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace micro_sayur {

/// The length of the well-formed sequence at the front, or 0. `text` is not empty.
std::size_t utf8_sequence_length(std::string_view text);

/// Of any bytes.
bool is_utf8(std::string_view bytes);

/// The number of code points of valid UTF-8.
std::size_t code_points(std::string_view text);

}  // namespace micro_sayur
