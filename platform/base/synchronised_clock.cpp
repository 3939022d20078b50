// SPDX-License-Identifier: Apache-2.0
#include "platform/base/synchronised_clock.hpp"

namespace micro_sayur {
namespace {

using std::chrono::microseconds;

timestamp machine_now() { return std::chrono::floor<microseconds>(std::chrono::system_clock::now()); }

microseconds since_boot(std::chrono::steady_clock::time_point when) { return std::chrono::floor<microseconds>(when.time_since_epoch()); }

}  // namespace

timestamp synchronised_clock::now() const {
  const auto distance = distance_.load(std::memory_order_relaxed);
  if (distance == none) return machine_now();
  return timestamp(since_boot(std::chrono::steady_clock::now()) + microseconds(distance));
}

void synchronised_clock::follow(const clock_reading& reading) {
  const auto middle = reading.asked + (reading.answered - reading.asked) / 2;
  distance_.store((reading.theirs.time_since_epoch() - since_boot(middle)).count(), std::memory_order_relaxed);
}

microseconds synchronised_clock::machine_ahead() const { return machine_now() - now(); }

}  // namespace micro_sayur
