// SPDX-License-Identifier: Apache-2.0
// The life of a program's services: start, serve until SIGTERM, drain, stop.
#pragma once

#include "platform/async/task.hpp"
#include "platform/program/process.hpp"

#include <functional>
#include <vector>

namespace micro_sayur::program {

/// All members run on core 0. `drain` and `stop` are called once each, also after a start that failed or was cancelled.
class service {
 public:
  virtual ~service() = default;

  /// Returns when the service is ready. Throws when it can never be. Cancellable.
  virtual async::task<> start() = 0;

  /// Not ready any more; takes nothing new and finishes requests. `at_once`: a start has failed, so that no balancer needs the time to see
  /// it.
  virtual async::task<> drain(bool at_once) = 0;

  /// Ends background work; what lies below is still open.
  virtual async::task<> stop() = 0;
};

/// Starts the services in their order, waits for SIGTERM or SIGINT, drains all side by side, stops them in reverse order and runs
/// `close_all`. A signal during a start ends it. A start that fails is rethrown when all that is done. Used on core 0.
async::task<> run_services(async::runtime& cores, std::vector<service*> services, std::function<async::task<>()> close_all);

}  // namespace micro_sayur::program
