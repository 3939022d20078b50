// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/retry_schedule.hpp"

#include <algorithm>
#include <array>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::array<milliseconds, 12> after_failure{1s, 2s, 5s, 10s, 20s, 30s, 1min, 2min, 5min, 15min, 1h, 4h};
constexpr milliseconds longest_after_outage = 16s;

milliseconds stretched(milliseconds delay, double jitter) {
  return delay + milliseconds(static_cast<std::int64_t>(static_cast<double>(delay.count()) * 0.25 * std::clamp(jitter, 0.0, 1.0)));
}

}  // namespace

milliseconds delay_after_failure(std::int64_t failures, double jitter) {
  const auto step = static_cast<std::size_t>(std::max<std::int64_t>(failures, 1)) - 1;
  return stretched(after_failure[std::min(step, after_failure.size() - 1)], jitter);
}

milliseconds delay_after_outage(std::int64_t attempts, double jitter) {
  const auto doublings = std::clamp<std::int64_t>(attempts - 1, 0, 4);
  return stretched(std::min<milliseconds>(1s * (std::int64_t{1} << doublings), longest_after_outage), jitter);
}

}  // namespace micro_sayur::notification_service
