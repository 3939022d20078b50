// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/describe_time.hpp"

#include <fmt/format.h>

#include <array>

namespace micro_sayur::notification_service {
namespace {

constexpr std::array<std::string_view, 12> indonesian_months{"Januari", "Februari", "Maret",     "April",   "Mei",      "Juni",
                                                             "Juli",    "Agustus",  "September", "Oktober", "November", "Desember"};
constexpr std::array<std::string_view, 12> english_months{"January", "February", "March",     "April",   "May",      "June",
                                                          "July",    "August",   "September", "October", "November", "December"};

}  // namespace

std::string describe_time(timestamp time, locale language) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::minutes>(time - day));
  const auto month = static_cast<unsigned>(date.month()) - 1;
  const auto day_of_month = static_cast<unsigned>(date.day());
  const auto year = static_cast<int>(date.year());
  if (language == locale::english)
    return fmt::format("{} {} {} at {:02}:{:02} UTC", day_of_month, english_months[month], year, clock.hours().count(),
                       clock.minutes().count());
  return fmt::format("{} {} {} pukul {:02}.{:02} UTC", day_of_month, indonesian_months[month], year, clock.hours().count(),
                     clock.minutes().count());
}

}  // namespace micro_sayur::notification_service
