// SPDX-License-Identifier: Apache-2.0
// When a mail is tried again.
#pragma once

#include <chrono>
#include <cstdint>

namespace micro_sayur::notification_service {

/// After so many refusals "for the time being" (4xx) a notification has failed: about two days.
inline constexpr std::int64_t most_failures = 20;

/// Before the next attempt, after `failures` >= 1 of them: seconds at first, hours in the end. `jitter` in 0..1 stretches it by up to a
/// quarter, so that many mails do not return at once.
std::chrono::milliseconds delay_after_failure(std::int64_t failures, double jitter);

/// Before the next attempt when the mail server could not be reached, at most 20 s: `attempts` >= 1 were begun.
std::chrono::milliseconds delay_after_outage(std::int64_t attempts, double jitter);

}  // namespace micro_sayur::notification_service
