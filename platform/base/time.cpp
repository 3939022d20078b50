// SPDX-License-Identifier: Apache-2.0
#include "platform/base/time.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace micro_sayur {
namespace {

using namespace std::chrono;

constexpr timestamp earliest = sys_days{year{0} / 1 / 1};
constexpr timestamp latest = timestamp{sys_days{year{10000} / 1 / 1}} - microseconds{1};

/// Reads fixed-width decimal fields from the front of a text; once something does not fit, `ok` stays false.
struct field_reader {
  std::string_view rest;
  bool ok = true;

  int number(std::size_t width) {
    int value = 0;
    if (rest.size() < width) ok = false;
    if (!ok) return 0;
    for (const char c : rest.substr(0, width)) {
      if (c < '0' || c > '9') ok = false;
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(width);
    return value;
  }

  void literal(std::string_view either) {
    if (rest.empty() || either.find(rest.front()) == std::string_view::npos) ok = false;
    if (ok) rest.remove_prefix(1);
  }

  microseconds fraction() {
    if (!ok || rest.empty() || rest.front() != '.') return {};
    rest.remove_prefix(1);
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits)
      if (digits < 6) value = value * 10 + (rest[digits] - '0');
    if (digits == 0 || digits > 9) ok = false;
    for (std::size_t i = digits; i < 6; ++i) value *= 10;
    rest.remove_prefix(digits);
    return microseconds{value};
  }

  minutes offset() {
    if (!ok || rest.empty()) return ok = false, minutes{};
    const char sign = rest.front();
    rest.remove_prefix(1);
    if (sign == 'Z' || sign == 'z') return {};
    if (sign != '+' && sign != '-') ok = false;
    const int hour = number(2);
    literal(":");
    const int minute = number(2);
    if (hour > 23 || minute > 59) ok = false;
    return (sign == '-' ? -1 : 1) * minutes{hour * 60 + minute};
  }
};

}  // namespace

std::string to_rfc3339(timestamp time) {
  time = std::clamp(time, earliest, latest);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  field_reader in{text};
  const year y{in.number(4)};
  in.literal("-");
  const month m{static_cast<unsigned>(in.number(2))};
  in.literal("-");
  const day d{static_cast<unsigned>(in.number(2))};
  in.literal("Tt");
  const int hour = in.number(2);
  in.literal(":");
  const int minute = in.number(2);
  in.literal(":");
  const int second = in.number(2);
  const auto fraction = in.fraction();
  const auto offset = in.offset();
  const year_month_day date{y, m, d};
  if (!in.ok || !in.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return timestamp{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} + fraction - offset;
}

}  // namespace micro_sayur
