// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/ports/notification_store.hpp"

namespace micro_sayur::notification_service {

/// What follows from the outcome of the latest attempt of `what`: sent, tried again later, failed or withheld. `jitter` is in 0..1.
attempt_result judge_attempt(const notification& what, delivery_outcome outcome, timestamp now, double jitter);

}  // namespace micro_sayur::notification_service
