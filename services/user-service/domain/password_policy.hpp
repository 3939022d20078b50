// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur::user_service {

/// A password that would take fewer guesses than this is refused (log10).
inline constexpr double least_guesses_log10 = 8;
inline constexpr std::size_t shortest_password = 8;   ///< characters
inline constexpr std::size_t longest_password = 128;  ///< characters

struct password_refusal {
  std::string code;  ///< too_short, too_long, invalid_format or too_weak
  std::string message;
};

/// Judges a new password with zxcvbn, which is told what an attacker knows of the account. Takes up to some milliseconds.
std::optional<password_refusal> judge_password(std::string_view password, std::string_view email, std::string_view name);

}  // namespace micro_sayur::user_service
