// SPDX-License-Identifier: Apache-2.0
// What a running program stands on, made once in main and handed to everything else.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/base/cpu_limits.hpp"
#include "platform/base/synchronised_clock.hpp"
#include "platform/base/system.hpp"
#include "platform/config/reader.hpp"
#include "platform/telemetry/log.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace micro_sayur::program {

struct process_settings {
  telemetry::level log_level = telemetry::level::info;
  std::size_t io_threads = 0;  ///< 0: one per core that this process may use
};

/// LOG_LEVEL and IO_THREADS.
process_settings read_process_settings(config::reader& from);

/// Members are destroyed in reverse order: what runs on `cores` must be gone before this is.
struct process {
  /// Raises the limit of open files; failures of background coroutines go to the log from now on, under `name`.
  process(const std::string& name, const process_settings& settings);
  ~process();

  const machine_limits limits;
  synchronised_clock clock;  ///< the database's where one is shared; else the machine's
  system_random random;
  id_source ids{clock, random};
  telemetry::log_writer writer;
  const telemetry::level log_level;
  const telemetry::logger log;
  async::runtime cores;
};

/// Waits for SIGTERM or SIGINT, from the moment of construction.
class stop_signal {
 public:
  /// Used on core 0.
  explicit stop_signal(async::runtime& cores);
  ~stop_signal();

  async::task<> wait();

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace micro_sayur::program
