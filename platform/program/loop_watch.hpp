// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/telemetry/metrics.hpp"

#include <vector>

namespace micro_sayur::program {

/// Measures for how long what is ready waits for its io thread: sayur_io_loop_lag_seconds{core}, one core after
/// the other, each for a tenth of a second.
class loop_watch {
 public:
  /// Both must outlive this.
  loop_watch(async::runtime& cores, telemetry::metrics& to);

  /// On core 0, until cancelled.
  async::task<> run();

 private:
  async::runtime& cores_;
  std::vector<telemetry::latency*> lags_;  ///< by core
};

}  // namespace micro_sayur::program
