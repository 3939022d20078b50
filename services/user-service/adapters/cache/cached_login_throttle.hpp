// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"
#include "platform/cache/cache.hpp"
#include "user-service/ports/login_throttle.hpp"

#include <functional>

namespace micro_sayur::user_service {

/// Counts in the shared cache, and in `local` while that is away: throttling never fails open.
class cached_login_throttle final : public login_throttle {
 public:
  cached_login_throttle(cache::store& shared, cache::store& local, const clock_source& clock)
      : shared_(shared), local_(local), clock_(clock) {}

  async::task<std::optional<std::chrono::seconds>> begin(std::string account, std::string client_address) override;
  async::task<> failed(std::string account, std::string client_address) override;
  async::task<> succeeded(std::string account, std::string client_address) override;
  async::task<> abandoned(std::string account, std::string client_address) override;

 private:
  using work = std::function<async::task<>(cache::store&)>;

  async::task<std::optional<std::chrono::seconds>> blocked(cache::store& store, std::string subject);
  async::task<std::optional<std::chrono::seconds>> reserve(std::string subject, std::int64_t free);
  async::task<> begin_delay(std::string subject, std::int64_t free);
  async::task<> give_back(std::string subject);
  async::task<> on_shared_or_local(work what);

  cache::store& shared_;
  cache::store& local_;
  const clock_source& clock_;
};

}  // namespace micro_sayur::user_service
