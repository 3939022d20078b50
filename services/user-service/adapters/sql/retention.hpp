// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/prune.hpp"

#include <vector>

namespace micro_sayur::user_service {

/// Registrations, sessions with their refresh tokens, and reset tokens a day after they expired; requests for a reset that
/// could not be settled within an hour; idempotency keys after their 24 h; events
/// seven days after they were published.
std::vector<sql::retention> retention();

}  // namespace micro_sayur::user_service
