// SPDX-License-Identifier: Apache-2.0
// Health (is a dependency reachable?) and readiness (should this instance get requests?). Checks run in the background; an answer
// never waits for one.
#pragma once

#include "platform/async/task.hpp"
#include "platform/base/system.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <string>

namespace micro_sayur::telemetry {

/// Checks and readiness of one service. Checks are added before `run`; everything else is thread-safe.
class health {
 public:
  /// `clock` must outlive this.
  explicit health(const clock_source& clock) : clock_(clock) {}

  /// `probe` throws when the dependency is unhealthy and must end within its own time-out.
  void add(std::string name, std::function<async::task<>()> probe);

  /// While `probe` throws the instance is not ready: it can serve nothing at all. Not listed by name.
  void add_gate(std::function<async::task<>()> probe);

  /// Runs every probe at least every 2 seconds, until cancelled.
  async::task<> run();

  /// {"status":"healthy|degraded","timestamp":…,"services":{NAME:"healthy|unhealthy"}}
  std::string to_json() const;

  bool degraded() const;

  /// False while starting, draining, or when a gating check fails.
  bool ready() const;

  /// Start-up is over, as soon as the gating checks pass.
  void started() { started_ = true; }

  /// From now on never ready again.
  void drain() { draining_ = true; }

 private:
  struct check {
    std::string name;  ///< empty: a gate
    std::function<async::task<>()> probe;
    std::atomic<bool> healthy = false;
  };

  async::task<> run_one(check& each);

  const clock_source& clock_;
  std::deque<check> checks_;
  std::atomic<bool> started_ = false;
  std::atomic<bool> draining_ = false;
};

}  // namespace micro_sayur::telemetry
