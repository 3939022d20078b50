// SPDX-License-Identifier: Apache-2.0
// A standby that reads may go to, and whether it is recent enough just now.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/base/time.hpp"
#include "platform/sql/database.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace micro_sayur::sql::postgres {

/// A replica that is further behind its writer is not used.
inline constexpr std::chrono::seconds most_replica_lag{2};

/// For so long replicas are used while no writer answers: whatever was committed before, they have.
inline constexpr std::chrono::seconds most_time_without_writer{60};

/// What the writer said with its last heartbeat, a row that it writes and replicas have later.
struct heartbeat {
  timestamp at;  ///< by the writer's clock
  std::int64_t timeline;
};

/// The time of the writer, by which heartbeats are judged. Used on one core.
class writer_time {
 public:
  using steady_time = std::chrono::steady_clock::time_point;

  void note(timestamp theirs, std::int64_t timeline, steady_time now) { last_ = reading{theirs, timeline, now, true}; }
  void note_away() {
    if (last_) last_->answers = false;
  }

  /// How far behind the writer is who has this heartbeat; nullopt when that cannot be told, or another timeline has begun since. While the
  /// writer is away nothing is committed, so that its time stands still.
  std::optional<std::chrono::microseconds> lag_of(const heartbeat& known, steady_time now) const;

  /// The time of the writer, which stands still while it is away; nullopt before it has answered.
  std::optional<timestamp> now(steady_time now) const;

 private:
  struct reading {
    timestamp theirs;
    std::int64_t timeline;
    steady_time when;
    bool answers;
  };

  std::optional<reading> last_;
};

/// `is_used` and `lag` may be asked on every core; `watch` runs on one.
class replica {
 public:
  replica(std::string name, std::unique_ptr<database> on) : name_(std::move(name)), on_(std::move(on)) {}

  /// Throws as a database does, and `behind`.
  async::task<result> read(call what);
  async::task<> close() { return on_->close(); }
  bool is_used() const { return is_used_; }
  replica_state state() const { return {name_, is_used_, std::chrono::microseconds(lag_), reads_}; }

  /// Until the next look: it did not answer a reader.
  void leave_out() { is_used_ = false; }

  /// Looks twice a second, until it is cancelled.
  async::task<> watch(const writer_time& writer);

 private:
  async::task<> look(const writer_time& writer);
  void measure_lag(const writer_time& writer);

  const std::string name_;
  const std::unique_ptr<database> on_;
  std::optional<timestamp> newest_;  ///< of the heartbeats that it was seen to have; at first the time of the first look
  std::atomic<bool> is_used_ = false;
  std::atomic<std::int64_t> lag_ = 0;  ///< microseconds
  std::atomic<std::uint64_t> reads_ = 0;
};

/// Writes heartbeats and asks for the writer's time, twice a second, until it is cancelled.
async::task<> beat(database& writer, writer_time& time);

}  // namespace micro_sayur::sql::postgres
