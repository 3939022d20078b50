// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/replay_command.hpp"

#include "platform/events/outbox.hpp"
#include "platform/events/replay.hpp"
#include "platform/program/command_line.hpp"
#include "user-service/composition/open_keys.hpp"

#include <fmt/core.h>

namespace micro_sayur::user_service {
namespace {

/// When the replay was over.
struct waiting_events {
  std::int64_t all = 0;
  std::int64_t made_since = 0;  ///< the time that was asked for
};

/// `is_kept`: whatever was published since is in the outbox. Otherwise what waits says nothing of what was asked for: that may be gone.
int tell(const events::replay_outcome& outcome, const waiting_events& waiting, const std::string& since, bool is_kept) {
  for (const auto& id : outcome.unreadable)
    fmt::print(stderr, "{} cannot be opened: the secret <id>.key that it is sealed under is not in JWT_KEYS_DIR any more\n",
               id.to_string());
  if (outcome.events > 0 || !outcome.unreadable.empty()) {
    fmt::print("{} events are published again, oldest first, by the user-service that runs or starts next; {} cannot be.\n", outcome.events,
               outcome.unreadable.size());
    return outcome.unreadable.empty() ? 0 : 1;
  }
  if (is_kept && waiting.made_since > 0) {
    fmt::print(
        "Nothing more is published again: {} events wait to be published, as after a replay, by the user-service that runs or starts "
        "next.\n",
        waiting.made_since);
    return 0;
  }
  fmt::print(stderr, "Of what was published since {} nothing is kept; OUTBOX_TTL says for how long it is", since);
  if (waiting.all > 0) fmt::print(stderr, "; {} events wait to be published, {} of them made since then", waiting.all, waiting.made_since);
  fmt::print(stderr, "\n");
  return 1;
}

}  // namespace

async::task<int> replay_outbox(sql::database& on, program::process& base, settings with, std::string since) {
  const auto from = parse_rfc3339(since);
  if (!from) {
    fmt::print(stderr, "\"{}\" is no time as RFC 3339 writes it, such as 2026-11-29T21:15:00Z\n", since);
    co_return program::exit_usage;
  }
  with.make_missing_keys = false;  // a new one opens nothing
  const auto keys = open_derivation_keys(with, base, base.log);
  const auto asked = co_await on.query(sql::ask_time);
  const auto now = asked[0].get<timestamp>(0);
  if (*from > now) {
    fmt::print(stderr, "{} is yet to come: the clock of the database says {}\n", since, to_rfc3339(now));
    co_return program::exit_usage;
  }
  const events::payload_seal seal([&keys](std::string_view purpose) { return keys.derive(purpose); }, base.random);
  const auto outcome = co_await events::replay_published(on, seal, *from, now);
  const auto left = co_await events::outbox(on, seal, "").backlog();
  const waiting_events waiting{left.events, co_await events::count_waiting(on, *from)};
  co_return tell(outcome, waiting, since, *from >= now - with.outbox_lifetime);
}

}  // namespace micro_sayur::user_service
