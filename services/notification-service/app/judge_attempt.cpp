// SPDX-License-Identifier: Apache-2.0
#include "notification-service/app/judge_attempt.hpp"

#include "notification-service/domain/retry_schedule.hpp"

namespace micro_sayur::notification_service {

attempt_result judge_attempt(const notification& what, delivery_outcome outcome, timestamp now, double jitter) {
  using kind = delivery_outcome::kind;
  attempt_result result{.id = what.id,
                        .number = what.attempts,
                        .ended_at = now,
                        .outcome = std::move(outcome),
                        .status = notification_status::pending,
                        .failures = what.failures,
                        .retry_after = std::nullopt};
  switch (result.outcome.what) {
    case kind::accepted: result.status = notification_status::sent; break;
    case kind::permanent_failure: result.status = notification_status::failed; break;
    case kind::withheld: result.status = notification_status::withheld; break;
    case kind::unavailable: result.retry_after = delay_after_outage(what.attempts, jitter); break;
    case kind::temporary_failure:
      ++result.failures;
      if (result.failures >= most_failures)
        result.status = notification_status::failed;
      else
        result.retry_after = delay_after_failure(result.failures, jitter);
      break;
  }
  return result;
}

}  // namespace micro_sayur::notification_service
