// SPDX-License-Identifier: Apache-2.0
// The embedded store: a bounded map in this process.
#pragma once

#include "platform/base/system.hpp"
#include "platform/cache/cache.hpp"

#include <memory>

namespace micro_sayur::cache {

/// Holds at most `most_entries` (at least 1): when full, the entry that expires first makes room. Intervals are measured by `clock`'s
/// steady time; it must outlive the store. `increment` of a value that `set` stored throws `unavailable`, as Redis refuses it.
std::unique_ptr<store> make_in_process_store(const clock_source& clock, std::size_t most_entries = 100'000);

}  // namespace micro_sayur::cache
