// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"
#include "platform/cache/cache.hpp"
#include "user-service/ports/session_store.hpp"
#include "user-service/ports/session_verdicts.hpp"

#include <functional>
#include <mutex>
#include <unordered_map>

namespace micro_sayur::user_service {

/// How recent the rows of a session have to be: it knows what it wrote.
using session_consistency = std::function<async::task<consistency>(uuid session)>;

/// Half a second in this process, then half a second in the shared cache, then the store. While it has a writer, that a session is live is
/// thus never believed for more than a second, also when the cache was away while it ended; that it has ended is remembered longer.
class cached_session_verdicts final : public session_verdicts {
 public:
  cached_session_verdicts(cache::store& shared, session_store& sessions, session_consistency consistency_for, const clock_source& clock)
      : shared_(shared), sessions_(sessions), consistency_for_(std::move(consistency_for)), clock_(clock) {}

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
  /// What the shared cache says.
  struct shared_answer {
    bool is_there;             ///< it answered
    std::optional<bool> live;  ///< nullopt: nothing is noted
  };

  /// While the store's writer is away, a replica of it is asked; but only when the cache answers, in which every end of a session is noted,
  /// and only when the replica knows what the session wrote.
  template <typename T>
  async::task<T> ask_store(uuid session_id, std::optional<shared_answer> shared, std::function<async::task<T>(consistency)> ask);
  async::task<shared_answer> ask_shared(std::string key);
  async::task<> tell_shared(std::string key, bool live);

  cache::store& shared_;
  session_store& sessions_;
  const session_consistency consistency_for_;
  const clock_source& clock_;
  std::mutex mutex_;
  std::unordered_map<uuid, entry> entries_;
};

}  // namespace micro_sayur::user_service
