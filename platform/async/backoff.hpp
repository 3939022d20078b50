// SPDX-License-Identifier: Apache-2.0
// How long to wait before trying again.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace micro_sayur::async {

/// Doubles from `first` to `longest`; each delay is drawn from its upper half, so that many clients do not return at once.
class backoff {
 public:
  using duration = std::chrono::milliseconds;

  backoff(duration first, duration longest) : first_(first), longest_(longest), next_(first) {}

  duration next() {
    const duration most = std::exchange(next_, std::min(next_ * 2, longest_));
    return duration(std::uniform_int_distribution(most.count() / 2, most.count())(random_));
  }
  void reset() { next_ = first_; }

 private:
  duration first_;
  duration longest_;
  duration next_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace micro_sayur::async
