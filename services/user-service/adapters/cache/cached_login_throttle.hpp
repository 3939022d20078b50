// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/turns.hpp"
#include "platform/base/system.hpp"
#include "platform/cache/shared_or_local.hpp"
#include "user-service/domain/throttling.hpp"
#include "user-service/ports/login_throttle.hpp"

#include <atomic>
#include <cstdint>

namespace micro_sayur::user_service {

/// Counts in the shared cache, and in `local` while that is away: throttling never fails open. Times are the cache's own: no two clocks
/// are compared.
class cached_login_throttle final : public login_throttle {
 public:
  cached_login_throttle(cache::store& shared, cache::store& local, const clock_source& clock, id_source& ids)
      : counters_(shared, local), clock_(clock), ids_(ids) {}

  async::task<std::variant<turn, refused>> begin(login_attempt what) override;
  async::task<std::chrono::seconds> settle(turn which, attempt_result result) override;
  async::task<> clear(std::string account) override;

 private:
  async::task<std::chrono::milliseconds> time_blocked(std::string subject);
  async::task<bool> take_turn(std::string subject, std::string owner);
  async::task<> end_turn(std::string subject, std::string owner);
  async::task<std::chrono::seconds> count_failure(std::string subject, std::int64_t free);
  async::task<std::chrono::seconds> count_failure_of_network(std::string subject, std::int64_t free);
  async::task<> forget(std::string subject);
  void hold_strangers(std::chrono::seconds delay);
  std::chrono::milliseconds strangers_blocked() const;

  const cache::shared_or_local counters_;
  const clock_source& clock_;
  id_source& ids_;
  async::turns turns_{most_waiting_attempts};
  std::atomic<std::chrono::steady_clock::time_point> strangers_wait_until_{};  ///< no room was left for the delay of one of them
};

}  // namespace micro_sayur::user_service
