// SPDX-License-Identifier: Apache-2.0
// The embedded store: a bounded map in this process.
#pragma once

#include "platform/base/system.hpp"
#include "platform/cache/cache.hpp"

#include <memory>
#include <string>
#include <vector>

namespace micro_sayur::cache {

/// How many entries whose keys begin so may be held; kinds of keys do not take room from each other.
struct budget {
  enum class when_full { drop_first_to_expire, refuse };

  std::string prefix;
  std::size_t most_entries;
  when_full then = when_full::drop_first_to_expire;
};

/// Holds at most what `budgets` say, and of all other keys at most `most_entries` (at least 1). When full, the entry of the kind that
/// expires first makes room, or a new one is refused with `unavailable`. Intervals are measured by `clock`'s steady time; it must
/// outlive the store. `increment` of a value that `set` stored throws `unavailable`, as Redis refuses it.
std::unique_ptr<store> make_in_process_store(const clock_source& clock, std::size_t most_entries = 100'000,
                                             std::vector<budget> budgets = {});

}  // namespace micro_sayur::cache
