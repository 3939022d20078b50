// SPDX-License-Identifier: Apache-2.0
// Writing JSON straight into a string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace micro_sayur::json {

/// Appends `text`, which must be UTF-8, as a JSON string with its quotes. Beside what RFC 8259 asks for, what terminals obey (DEL, C1) and
/// what ends lines elsewhere (U+2028, U+2029) is escaped; all else passes unchanged.
void append_string(std::string& out, std::string_view text);

/// Appends the shortest decimal that reads back the same. Infinite and NaN become null.
void append_number(std::string& out, double number);
void append_number(std::string& out, std::int64_t number);

/// What an answer may repeat of a text that a caller chose: its first 64 code points, with an ellipsis where some were left out. `text`
/// must be UTF-8.
std::string excerpt(std::string_view text);

}  // namespace micro_sayur::json
