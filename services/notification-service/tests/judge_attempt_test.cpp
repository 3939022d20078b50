// SPDX-License-Identifier: Apache-2.0
#include "notification-service/app/judge_attempt.hpp"

#include "notification-service/domain/retry_schedule.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using kind = delivery_outcome::kind;

const timestamp now = *parse_rfc3339("2026-11-23T09:26:55Z");

notification after(std::int64_t attempts, std::int64_t failures) {
  return {.id = {},
          .kind = notification_kind::password_reset,
          .user_id = {},
          .language = locale::english,
          .attempts = attempts,
          .failures = failures};
}

TEST(JudgeAttempt, Accepted) {
  const auto result = judge_attempt(after(3, 1), {kind::accepted, "250 OK"}, now, 0);
  EXPECT_EQ(result.status, notification_status::sent);
  EXPECT_EQ(result.number, 3);
  EXPECT_EQ(result.ended_at, now);
  EXPECT_FALSE(result.retry_after);
}

TEST(JudgeAttempt, PermanentFailure) {
  const auto result = judge_attempt(after(1, 0), {kind::permanent_failure, "550"}, now, 0);
  EXPECT_EQ(result.status, notification_status::failed);
  EXPECT_FALSE(result.retry_after);
}

TEST(JudgeAttempt, TemporaryFailureCountsUntilItIsTooMuch) {
  const auto first = judge_attempt(after(1, 0), {kind::temporary_failure, "451"}, now, 0);
  EXPECT_EQ(first.status, notification_status::pending);
  EXPECT_EQ(first.failures, 1);
  EXPECT_EQ(first.retry_after, 1s);
  const auto last = judge_attempt(after(30, most_failures - 1), {kind::temporary_failure, "451"}, now, 0);
  EXPECT_EQ(last.status, notification_status::failed);
}

TEST(JudgeAttempt, WithheldIsNoFailureAndWaitsForSomebody) {
  const auto result = judge_attempt(after(1, 2), {kind::withheld, "others only"}, now, 0);
  EXPECT_EQ(result.status, notification_status::withheld);
  EXPECT_EQ(result.failures, 2);
  EXPECT_FALSE(result.retry_after);
}

TEST(JudgeAttempt, AnOutageIsNoFailureOfTheMail) {
  const auto result = judge_attempt(after(1'000'000, 2), {kind::unavailable, "refused"}, now, 1);
  EXPECT_EQ(result.status, notification_status::pending);
  EXPECT_EQ(result.failures, 2);
  EXPECT_LE(*result.retry_after, 20s);
}

}  // namespace
}  // namespace micro_sayur::notification_service
