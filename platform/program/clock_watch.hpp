// SPDX-License-Identifier: Apache-2.0
// This process's clock follows the database's, which is that of all instances; how far the machine's own is off is told.
#pragma once

#include "platform/async/task.hpp"
#include "platform/base/synchronised_clock.hpp"
#include "platform/sql/database.hpp"
#include "platform/telemetry/metrics.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::program {

/// What to look at when the clock is off.
inline std::string clock_advice(std::string_view) { return "this machine's time synchronisation (NTP), or that of the database's machine"; }

/// Metrics: sayur_clock_ahead_seconds (of the machine, against the database) and sayur_clock_error_seconds (of the measurement). What is
/// given by reference must outlive it. Used on one core.
class clock_watch {
 public:
  clock_watch(sql::database& on, synchronised_clock& clock, telemetry::metrics& metrics);

  /// Waits for the first measurement as long as the database is away or busy. Throws what does not pass by itself.
  async::task<> await_first();

  /// Measures every ten seconds, until it is cancelled. A database that is away is passed over: the clock goes on by the steady one.
  async::task<> run();

  /// For health: throws std::runtime_error when the machine's clock is over five seconds off.
  async::task<> expect_small_offset() const;

 private:
  /// Reads the database's clock a few times, the closest reading counts.
  async::task<> measure();
  async::task<bool> try_to_measure();

  sql::database& on_;
  synchronised_clock& clock_;
  prometheus::Gauge& ahead_;
  prometheus::Gauge& error_;
};

}  // namespace micro_sayur::program
