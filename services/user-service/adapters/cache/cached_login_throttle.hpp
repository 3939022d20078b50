// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"
#include "platform/cache/shared_or_local.hpp"
#include "user-service/ports/login_throttle.hpp"

namespace micro_sayur::user_service {

/// Counts in the shared cache, and in `local` while that is away: throttling never fails open.
class cached_login_throttle final : public login_throttle {
 public:
  cached_login_throttle(cache::store& shared, cache::store& local, const clock_source& clock) : counters_(shared, local), clock_(clock) {}

  async::task<std::optional<std::chrono::seconds>> begin(std::string account, std::string client_address) override;
  async::task<> failed(std::string account, std::string client_address) override;
  async::task<> succeeded(std::string account, std::string client_address) override;
  async::task<> abandoned(std::string account, std::string client_address) override;

 private:
  async::task<std::optional<std::chrono::seconds>> blocked(cache::store& store, std::string subject);
  async::task<std::optional<std::chrono::seconds>> reserve(std::string subject, std::int64_t free);
  async::task<> begin_delay(std::string subject, std::int64_t free);
  async::task<> give_back(std::string subject);

  const cache::shared_or_local counters_;
  const clock_source& clock_;
};

}  // namespace micro_sayur::user_service
