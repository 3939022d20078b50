// SPDX-License-Identifier: Apache-2.0
// Time that a test decides about.
#pragma once

#include "platform/base/system.hpp"

namespace micro_sayur::notification_service::test {

class manual_clock final : public clock_source {
 public:
  timestamp now() const override { return now_; }
  std::chrono::steady_clock::time_point steady_now() const override { return steady_; }

  void advance(std::chrono::microseconds by) {
    now_ += by;
    steady_ += by;
  }

 private:
  timestamp now_ = *parse_rfc3339("2026-11-23T09:26:55.000123Z");
  // Deadlines are measured on the real one: a test that stands still must not outlast them.
  std::chrono::steady_clock::time_point steady_ = std::chrono::steady_clock::now();
};

}  // namespace micro_sayur::notification_service::test
