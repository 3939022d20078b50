// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace micro_sayur {

/// A measurement of another clock: it stood at `theirs` when the steady clock stood between `asked` and `answered`.
struct clock_reading {
  std::chrono::steady_clock::time_point asked;
  timestamp theirs;
  std::chrono::steady_clock::time_point answered;

  /// At most so far off is what the reading says.
  std::chrono::microseconds error() const { return std::chrono::ceil<std::chrono::microseconds>((answered - asked) / 2); }
};

/// The machine's wall clock until `follow` is called, from then on the clock that was read: the steady clock plus its distance to that.
/// Jumps of the wall clock then change nothing. Thread-safe.
class synchronised_clock final : public clock_source {
 public:
  timestamp now() const override;
  std::chrono::steady_clock::time_point steady_now() const override { return std::chrono::steady_clock::now(); }

  void follow(const clock_reading& reading);

  /// How far the machine's wall clock is ahead of this one.
  std::chrono::microseconds machine_ahead() const;

 private:
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
  std::atomic<std::int64_t> distance_ = none;  ///< of `now` from the steady clock, in microseconds
};

}  // namespace micro_sayur
