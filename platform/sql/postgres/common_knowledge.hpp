// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace micro_sayur::sql::postgres {

/// What all connections of a database know of it together.
struct common_knowledge {
  std::atomic<std::uint64_t> plan_age = 0;  ///< when one of them last met a schema that plans were not made for, in µs since 1970; 0: never
  std::atomic<bool> refuses_rows = false;   ///< a statement found no room on the server's disk, and `try_to_write` none since
};

}  // namespace micro_sayur::sql::postgres
