// SPDX-License-Identifier: Apache-2.0
// Points in time: UTC with microseconds, the resolution of timestamptz.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur {

using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339 with six decimals and `Z`: 2026-11-23T09:26:55.000123Z. Years outside 0000-9999 are clamped to that range.
std::string to_rfc3339(timestamp time);

/// Accepts RFC 3339 section 5.6 with `Z` or a numeric offset and up to nine decimals (cut to six); anything else is nullopt.
std::optional<timestamp> parse_rfc3339(std::string_view text);

}  // namespace micro_sayur
