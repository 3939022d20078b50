// SPDX-License-Identifier: Apache-2.0
// Publishing again what was published: for a broker that has lost it. Consumers know the events by their ids.
#pragma once

#include "platform/events/payload_seal.hpp"
#include "platform/sql/database.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace micro_sayur::events {

struct replay_outcome {
  std::int64_t events = 0;       ///< that wait for a relay again
  std::vector<uuid> unreadable;  ///< whose payloads cannot be opened: they stay published, as of the end of the replayed time
};

struct replay_settings {
  std::int64_t batch = 500;                       ///< rows a transaction
  std::chrono::milliseconds between_batches{50};  ///< leaves the database to those who wait for it
};

/// Makes the events that were published between two times of the store, both included, wait again; a relay publishes them under the same
/// ids, now or when there is one. Only rows that are kept and have a payload. May be run again.
async::task<replay_outcome> replay_published(sql::database& on, const payload_seal& seal, timestamp since, timestamp until,
                                             replay_settings with = {});

/// How many events wait to be published whose ids say that they were made at `since` or later: new ones, and those of a replay that is not
/// worked off.
async::task<std::int64_t> count_waiting(sql::database& on, timestamp since);

/// For a test of its plan.
extern const sql::statement unpublish;

}  // namespace micro_sayur::events
