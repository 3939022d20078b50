// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"
#include "platform/cache/cache.hpp"
#include "user-service/ports/session_store.hpp"
#include "user-service/ports/session_verdicts.hpp"

#include <mutex>
#include <unordered_map>

namespace micro_sayur::user_service {

/// Half a second in this process, then half a second in the shared cache, then the store. That a session is live is thus never
/// believed for more than a second, also when the cache was away while it ended; that it has ended is remembered longer.
class cached_session_verdicts final : public session_verdicts {
 public:
  cached_session_verdicts(cache::store& shared, session_store& sessions, const clock_source& clock)
      : shared_(shared), sessions_(sessions), clock_(clock) {}

  async::task<bool> is_live(uuid session_id) override;
  async::task<std::optional<account>> find_owner(uuid session_id) override;
  async::task<> forget(std::vector<uuid> session_ids) override;

 private:
  struct entry {
    bool live;
    std::chrono::steady_clock::time_point expires;
  };

  std::optional<bool> recall(const uuid& id);
  void remember(const uuid& id, bool live);
  async::task<std::optional<bool>> ask_shared(const std::string& key);
  async::task<> tell_shared(std::string key, bool live);

  cache::store& shared_;
  session_store& sessions_;
  const clock_source& clock_;
  std::mutex mutex_;
  std::unordered_map<uuid, entry> entries_;
};

}  // namespace micro_sayur::user_service
