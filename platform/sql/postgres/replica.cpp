// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/replica.hpp"

#include "platform/sql/log_timeline.hpp"

namespace micro_sayur::sql::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto interval = 500ms;

/// Of many instances one in every interval writes it.
constexpr statement write_heartbeat{"write_heartbeat",
                                    "UPDATE heartbeats SET at = clock_timestamp(), timeline = " MICRO_SAYUR_LOG_TIMELINE
                                    " WHERE at < clock_timestamp() - interval '400 ms' OR timeline <> " MICRO_SAYUR_LOG_TIMELINE};
constexpr statement ask_writer{"ask_writer", "SELECT clock_timestamp(), " MICRO_SAYUR_LOG_TIMELINE};

/// A server that is no standby is no replica: it may be one that was the writer, and does not know that it is no longer.
constexpr statement read_heartbeat{"read_heartbeat",
                                   "SELECT at, timeline, CASE WHEN pg_is_in_recovery() THEN NOT pg_is_wal_replay_paused() ELSE false END"
                                   " FROM heartbeats"};

async::task<> beat_once(database& writer, writer_time& time) {
  try {
    const auto answers = co_await writer.execute({write_heartbeat, ask_writer});
    const auto told = answers.back()[0];
    time.note(told.get<timestamp>(0), told.get<std::int64_t>(1), std::chrono::steady_clock::now());
    co_return;
  } catch (const error&) {
    // /health tells what it is
  }
  time.note_away();
}

}  // namespace

std::optional<std::chrono::microseconds> writer_time::lag_of(const heartbeat& known, steady_time now) const {
  if (!last_ || known.timeline != last_->timeline) return std::nullopt;
  if (!last_->answers && now - last_->when > most_time_without_writer) return std::nullopt;
  return *this->now(now) - known.at;
}

std::optional<timestamp> writer_time::now(steady_time now) const {
  if (!last_) return std::nullopt;
  return last_->theirs + (last_->answers ? std::chrono::duration_cast<std::chrono::microseconds>(now - last_->when) : 0us);
}

async::task<> beat(database& writer, writer_time& time) {
  while (true) {
    co_await beat_once(writer, time);
    co_await async::sleep_for(interval);
  }
}

async::task<> replica::watch(const writer_time& writer) {
  while (true) {
    try {
      co_await look(writer);
    } catch (const error&) {
      leave_out();
    }
    measure_lag(writer);
    co_await async::sleep_for(interval);
  }
}

async::task<result> replica::read(call what) {
  auto answer = co_await on_->query(std::move(what));
  ++reads_;
  co_return answer;
}

async::task<> replica::look(const writer_time& writer) {
  const auto asked = std::chrono::steady_clock::now();
  const auto answer = co_await on_->query(read_heartbeat);
  const heartbeat known{answer[0].get<timestamp>(0), answer[0].get<std::int64_t>(1)};
  newest_ = known.at;
  const auto lag = writer.lag_of(known, asked);
  is_used_ = lag && *lag <= most_replica_lag && answer[0].get<bool>(2);
}

void replica::measure_lag(const writer_time& writer) {
  const auto now = writer.now(std::chrono::steady_clock::now());
  if (!now) return;
  if (!newest_) newest_ = now;
  lag_ = std::max<std::int64_t>((*now - *newest_).count(), 0);
}

}  // namespace micro_sayur::sql::postgres
