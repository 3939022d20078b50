// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"

namespace micro_sayur {

/// Stands still until a test moves it. Both its clocks move alike; the steady one begins at the machine's, since deadlines are measured on
/// that. Not thread-safe while it is moved.
class manual_clock final : public clock_source {
 public:
  explicit manual_clock(timestamp start = *parse_rfc3339("2026-11-23T09:26:55.000123Z")) : now_(start) {}

  timestamp now() const override { return now_; }
  std::chrono::steady_clock::time_point steady_now() const override { return steady_; }

  void advance(std::chrono::microseconds by) {
    now_ += by;
    steady_ += by;
  }

 private:
  timestamp now_;
  std::chrono::steady_clock::time_point steady_ = std::chrono::steady_clock::now();
};

}  // namespace micro_sayur
