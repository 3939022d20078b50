// SPDX-License-Identifier: Apache-2.0
// Health (is a dependency reachable?) and readiness (should this instance get requests?). Checks run in the background; an answer
// never waits for one.
#pragma once

#include "platform/async/task.hpp"
#include "platform/base/system.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/metrics.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace micro_sayur::telemetry {

/// A server as its operator knows it.
struct whereabouts {
  std::string address = {};                                      ///< host:port; empty: it is a part of this process
  std::function<std::string(std::string_view why)> advice = {};  ///< plain words, and the variables to look at
};

/// Checks and readiness of one service. Checks are added before `run`; everything else is thread-safe.
class health {
 public:
  /// `clock` must outlive this.
  explicit health(const clock_source& clock) : clock_(clock) {}

  /// From now on each check that is added has a gauge sayur_dependency_up{name}, and one log line when it has failed for a second and one
  /// when it passes again. Both must outlive this.
  void tell(const logger& log, metrics& to);

  /// `probe` throws when the dependency is unhealthy and must end within its own time-out.
  void add(std::string name, std::function<async::task<>()> probe, whereabouts of = {});

  /// While `probe` throws the instance is not ready: it can serve nothing at all. Not listed by name.
  void add_gate(std::function<async::task<>()> probe);

  /// Runs every probe at least every 2 seconds, until cancelled.
  async::task<> run();

  /// Of the program and of its database's schema.
  void set_versions(std::string_view program, std::int64_t schema);

  /// {"status":"healthy|degraded","timestamp":…,"services":{NAME:"healthy|unhealthy"}}, and "version" and "schema_version" once known.
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
    whereabouts of = {};
    prometheus::Gauge* up = nullptr;  ///< null: nobody is told
    std::atomic<bool> healthy = false;
    // Of the probe's own task.
    std::optional<std::chrono::steady_clock::time_point> failing_since = {};
    bool told = false;
  };

  async::task<> run_one(check& each);
  void note(check& of, const std::optional<std::string>& fault) const;

  const clock_source& clock_;
  const logger* log_ = nullptr;
  metrics* metrics_ = nullptr;
  std::deque<check> checks_;
  std::string versions_;  ///< members of the answer; written before `started_`
  std::atomic<bool> started_ = false;
  std::atomic<bool> draining_ = false;
};

}  // namespace micro_sayur::telemetry
