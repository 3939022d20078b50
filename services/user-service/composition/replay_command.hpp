// SPDX-License-Identifier: Apache-2.0
// `outbox replay`, for a broker that has lost events.
#pragma once

#include "platform/async/task.hpp"
#include "platform/program/process.hpp"
#include "platform/sql/database.hpp"
#include "user-service/composition/settings.hpp"

#include <string>

namespace micro_sayur::user_service {

/// Has what was published since `since` (RFC 3339) published again, by the service that runs or starts next, and prints how many. Returns
/// the exit code: 64 for no time, or one that is yet to come; 1 when a payload cannot be opened, or nothing is kept. That nothing is left
/// to be published again, since what was made in that time waits already, is 0 as long as all of that time is kept (OUTBOX_TTL).
async::task<int> replay_outbox(sql::database& on, program::process& base, settings with, std::string since);

}  // namespace micro_sayur::user_service
