// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/retention.hpp"

#include "platform/events/outbox.hpp"
#include "user-service/adapters/sql/statements.hpp"
#include "user-service/ports/idempotency.hpp"

#include <algorithm>
#include <iterator>

namespace micro_sayur::user_service {

std::vector<sql::retention> retention(std::chrono::seconds outbox, std::function<void(std::int64_t)> requests_lost) {
  using std::chrono::days;
  auto all = events::outbox_retention(outbox);
  std::ranges::move(std::vector<sql::retention>{{&statements::prune_registrations, days(1)},
                                                {&statements::prune_sessions, days(1)},
                                                {&statements::prune_refresh_tokens, days(1)},
                                                {&statements::prune_password_resets, days(1)},
                                                {&statements::prune_mail_requests, std::chrono::hours(1), std::move(requests_lost)},
                                                {&statements::prune_idempotency_keys, idempotency_lifetime}},
                    std::back_inserter(all));
  return all;
}

}  // namespace micro_sayur::user_service
