// SPDX-License-Identifier: Apache-2.0
// Deleting what is older than it has to be kept.
#pragma once

#include "platform/sql/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace micro_sayur::sql {

struct retention {
  const statement* remove;  ///< deletes, or erases, at most $2 rows that are older than $1, a time of the store
  std::chrono::microseconds keep;
  std::function<void(std::int64_t)> removed = {};  ///< told of how many, when there were any
  bool one_a_call = false;                         ///< called again for as long as it returns a row, or removes one
};

struct prune_settings {
  std::int64_t batch = 500;                       ///< rows a statement
  std::chrono::milliseconds between_batches{50};  ///< leaves the database to those who wait for it
  std::chrono::milliseconds between_rounds{60'000};
};

/// Works until it is cancelled. What is old the clock of the store decides. A failed round is reported as a background failure and the next
/// one goes on. `on` must outlive the task.
async::task<> prune_forever(database& on, std::vector<retention> what, prune_settings with = {});

}  // namespace micro_sayur::sql
