// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/prune.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace micro_sayur::user_service {

/// Registrations, sessions with their refresh tokens, and reset tokens a day after they expired; requests for a mail that
/// could not be settled within an hour, of which `requests_lost` is told; idempotency keys after their 24 h; events
/// `outbox` after they were published.
std::vector<sql::retention> retention(std::chrono::seconds outbox, std::function<void(std::int64_t)> requests_lost);

}  // namespace micro_sayur::user_service
