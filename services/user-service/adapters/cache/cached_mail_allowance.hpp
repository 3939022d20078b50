// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/cache/shared_or_local.hpp"
#include "user-service/ports/mail_allowance.hpp"

#include <cstdint>
#include <functional>

namespace micro_sayur::user_service {

std::string_view to_string(mail_cause why);

/// Counts in the shared cache, and in `local` while that is away.
class cached_mail_allowance final : public mail_allowance {
 public:
  /// Told of every mail that was refused.
  using observer = std::function<void(mail_cause why, const origin& from)>;

  cached_mail_allowance(cache::store& shared, cache::store& local, observer refused)
      : counters_(shared, local), refused_(std::move(refused)) {}

  async::task<bool> take(mail_cause why, std::string email_key, origin from) override;
  async::task<std::optional<std::chrono::seconds>> take_request(std::string network) override;
  async::task<> give_back(mail_cause why, std::string email_key, origin from) override;

 private:
  async::task<std::optional<std::chrono::seconds>> take_request_of(std::string client, std::int64_t most);

  const cache::shared_or_local counters_;
  const observer refused_;
};

}  // namespace micro_sayur::user_service
