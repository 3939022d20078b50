// SPDX-License-Identifier: Apache-2.0
#include "platform/events/replay.hpp"

#include "platform/async/runtime.hpp"
#include "platform/events/chosen_rows.hpp"
#include "platform/sql/transact.hpp"

namespace micro_sayur::events {

#define PUBLISHED_BETWEEN \
  "SELECT id FROM outbox WHERE published_at BETWEEN $1 AND $2 AND payload IS NOT NULL ORDER BY published_at LIMIT $3"
constexpr sql::statement unpublish{"outbox_unpublish",
                                   CHOOSE(PUBLISHED_BETWEEN " FOR UPDATE") "UPDATE outbox SET published_at = NULL WHERE " IS_CHOSEN
                                                                           " RETURNING id, payload",
                                   "UPDATE outbox SET published_at = NULL WHERE id IN (" PUBLISHED_BETWEEN ") RETURNING id, payload"};
#undef PUBLISHED_BETWEEN

namespace {

constexpr sql::statement put_back{"outbox_put_back", "UPDATE outbox SET published_at = $2 WHERE id = $1"};

constexpr sql::statement count_waiting_since{"outbox_count_waiting", "SELECT count(*) FROM outbox WHERE published_at IS NULL AND id >= $1"};

/// Leaves none of the rows that it takes between the two times.
async::task<replay_outcome> replay_batch(sql::database& on, const payload_seal& seal, timestamp since, timestamp until,
                                         std::int64_t batch) {
  const auto work = [&](sql::transaction& within) -> async::task<sql::ending<replay_outcome>> {
    replay_outcome outcome;
    const auto taken = co_await within.run({unpublish, {since, until, batch}});
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const auto id = taken[i].get<uuid>(0);
      if (seal.open(id, taken[i].get<sql::bytes>(1)))
        ++outcome.events;
      else
        outcome.unreadable.push_back(id);
    }
    for (const auto& id : outcome.unreadable) co_await within.run({put_back, {id, until + std::chrono::microseconds(1)}});
    co_return sql::keep(std::move(outcome));
  };
  co_return co_await sql::transact<replay_outcome>(on, work);
}

}  // namespace

async::task<replay_outcome> replay_published(sql::database& on, const payload_seal& seal, timestamp since, timestamp until,
                                             replay_settings with) {
  replay_outcome all;
  while (true) {
    const auto some = co_await replay_batch(on, seal, since, until, with.batch);
    all.events += some.events;
    all.unreadable.insert(all.unreadable.end(), some.unreadable.begin(), some.unreadable.end());
    if (some.events + std::ssize(some.unreadable) < with.batch) co_return all;
    co_await async::sleep_for(with.between_batches);
  }
}

async::task<std::int64_t> count_waiting(sql::database& on, timestamp since) {
  constexpr std::array<std::uint8_t, 10> least{};
  const auto found = co_await on.query({count_waiting_since, {uuid::version_7(since, least)}});
  co_return found[0].get<std::int64_t>(0);
}

}  // namespace micro_sayur::events
