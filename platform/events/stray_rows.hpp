// SPDX-License-Identifier: Apache-2.0
// Rows for which there was no partition (postgres/partitions.sql): they lie in the default one, and hinder those that are to be made.
#pragma once

#include "platform/sql/database.hpp"
#include "platform/telemetry/log.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace micro_sayur::events {

enum class partitioned : std::uint8_t { outbox, inbox };

struct stray_rows_settings {
  std::chrono::milliseconds between_looks{60'000};
  std::function<void(bool has_rows)> tell;  ///< when that has changed; at first there are none
};

/// Works until it is cancelled, on a database without partitions in vain. `on` must outlive the task.
async::task<> watch_stray_rows(sql::database& on, partitioned table, stray_rows_settings with);

/// The same, each minute, with a line in the log for each change. `log` must outlive the task as well.
async::task<> watch_stray_rows(sql::database& on, partitioned table, const telemetry::logger& log);

}  // namespace micro_sayur::events
