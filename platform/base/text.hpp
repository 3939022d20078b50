// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace micro_sayur {

/// Without white space, as Unicode has it, at both ends.
std::string_view trimmed(std::string_view text);

/// Whether there is any, wherever. `text` is valid UTF-8.
bool has_white_space(std::string_view text);

/// Whether the text has C0 or C1 control characters, or U+007F. `text` is valid UTF-8.
bool has_control_characters(std::string_view text);

}  // namespace micro_sayur
