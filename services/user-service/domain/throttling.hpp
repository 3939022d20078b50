// SPDX-License-Identifier: Apache-2.0
// How long the next attempt has to wait after failures.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace micro_sayur::user_service {

inline constexpr auto failure_window = std::chrono::minutes(15);
inline constexpr std::int64_t account_failures_free = 4;   ///< the 5th failure starts the delay
inline constexpr std::int64_t network_failures_free = 99;  ///< the 100th failure starts the delay
inline constexpr std::int64_t networks_of_a_home = 4;      ///< what all networks of a home (IPv6 /56) may do together, in networks
inline constexpr std::int64_t networks_of_a_site = 40;     ///< of a site (IPv6 /48) likewise: more than one home can use up
inline constexpr std::size_t most_waiting_attempts = 20;   ///< on one account, in one instance
inline constexpr auto longest_delay = std::chrono::seconds(60);

/// 0 while failures are free, then 1 s doubling to 60 s.
inline std::chrono::seconds delay_after(std::int64_t failures, std::int64_t free) {
  if (failures <= free) return std::chrono::seconds(0);
  const auto doublings = std::min<std::int64_t>(failures - free - 1, 6);
  return std::min(std::chrono::seconds(std::int64_t{1} << doublings), std::chrono::seconds(longest_delay));
}

}  // namespace micro_sayur::user_service
