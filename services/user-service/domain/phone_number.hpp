// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur::user_service {

/// A telephone number as E.164 has it, "+6281234567890": 8 to 15 digits behind the plus. Spaces, dots, hyphens and brackets are read
/// over; a number that begins with 0, or with the country code, is one of that country ("62": digits without a plus). nullopt for
/// what is none.
std::optional<std::string> parse_phone_number(std::string_view typed, std::string_view country_code);

}  // namespace micro_sayur::user_service
