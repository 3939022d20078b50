// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/update_profile.hpp"

#include <algorithm>

namespace micro_sayur::user_service {

async::task<update_profile::outcome> update_profile::run(uuid account_id, profile_changes changes,
                                                         std::optional<std::vector<std::int64_t>> expected) {
  if (auto faults = normalise(changes, env_.country_code); !faults.empty()) co_return faults;
  while (true) {
    const auto found = co_await accounts_.find(account_id);
    if (!found) co_return gone{};
    if (expected && std::ranges::find(*expected, found->version) == expected->end()) co_return stale{};
    if (is_empty(changes)) co_return *found;
    const auto now = env_.clock.now();
    auto changed = apply(*found, changes);
    if (co_await accounts_.save_profile(changed, found->version, now)) {
      ++changed.version;
      changed.updated_at = now;
      co_return changed;
    }
  }
}

}  // namespace micro_sayur::user_service
