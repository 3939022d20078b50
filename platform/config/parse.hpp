// SPDX-License-Identifier: Apache-2.0
// The notations of single values. Each returns nullopt for whatever is not wholly in its notation.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::config {

/// Decimal digits, with a minus sign where negative.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// A whole number of seconds, or of what the suffix says: 30, 30s, 15m, 24h, 30d. Never negative, at most 36500 days.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// In the largest unit that divides it: 24h becomes "1d".
std::string to_text(std::chrono::seconds duration);

/// true or false, yes or no, on or off, 1 or 0; in lower case.
std::optional<bool> parse_boolean(std::string_view text);

/// An absolute http or https URL (RFC 3986) without user, query and fragment; normalised, without a slash at the end.
std::optional<std::string> parse_http_url(std::string_view text);

/// Whether this may be the name (RFC 1123) or the address of a machine; with a zone, fe80::1%eth0.
bool is_host(std::string_view text);

/// The parts between commas without the blanks around them; empty parts are left out.
std::vector<std::string> split_list(std::string_view text);

}  // namespace micro_sayur::config
