// SPDX-License-Identifier: Apache-2.0
// Whether a session is live, as user-service noted it in the cache that both share.
#pragma once

#include "notification-service/adapters/http/session_check.hpp"
#include "platform/cache/cache.hpp"

namespace micro_sayur::notification_service {

/// Reads the note (contracts/session_verdict.hpp); asks `otherwise` when there is none or the cache is away. That a session is live is
/// noted when the store has said so, for half a second. `shared` must outlive the check.
session_check shared_verdicts(cache::store& shared, session_check otherwise);

}  // namespace micro_sayur::notification_service
