// SPDX-License-Identifier: Apache-2.0
// The connections of one kind on one core, and who waits for them.
#pragma once

#include "platform/async/alarm.hpp"
#include "platform/async/task_group.hpp"
#include "platform/sql/postgres/connection.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace micro_sayur::sql::postgres {

/// Called with a connection that has room, or with the reason why there will be none in time. Must not throw.
struct waiter {
  time_point deadline;
  std::move_only_function<void(const std::shared_ptr<connection>&)> serve;
  std::move_only_function<void(std::exception_ptr)> fail;
};

/// Used on one core only, but for `state`. First come, first served.
class group : public std::enable_shared_from_this<group> {
 public:
  /// A connection has room as long as fewer than `depth` units are in flight and it is not `lent`.
  group(async::executor where, std::shared_ptr<const settings> with, std::shared_ptr<common_knowledge> known, access mode,
        std::size_t connections, std::size_t depth, std::size_t queue_limit);

  void start();

  /// Called whenever there is a connection again; with true when it may be with another server than those before.
  void on_ready(std::function<void(bool moved)> tell) { tell_ready_ = std::move(tell); }

  /// Called when a session that was opened then learned that its server takes no writes any more.
  void on_demotion(std::function<void(time_point opened_at)> tell) { tell_demotion_ = std::move(tell); }

  /// Opens anew what is connected to a standby.
  void leave_standbys();

  /// Opens all anew that were open by then, each when what it has in flight is answered and its user has given it back.
  void leave_older(time_point opened_at, const std::string& reason);

  /// Whether there is a connection.
  bool is_ready() const;

  /// Serves at once when there is room. Fails with `overloaded`, `timed_out` or `unavailable`.
  void wait_for_room(waiter who);

  /// Keeps a connection for one user until it is given back.
  void lend(connection& which);
  void give_back(connection& which);

  /// To be called after sending a unit with a deadline.
  void watch(time_point deadline) { alarm_.at(deadline); }

  /// Fails who waits, lets what is in flight or lent end within `patience`, closes.
  async::task<> close(std::chrono::milliseconds patience);

  pool_state state() const;

 private:
  void changed();
  void serve_waiters();
  std::shared_ptr<connection> find_room() const;
  bool any_busy() const;
  std::string fault() const;
  void look_at_deadlines();
  void fail_waiters(const std::exception_ptr& error);
  void publish_state();

  const std::size_t depth_;
  const std::size_t queue_limit_;
  std::vector<std::shared_ptr<connection>> lines_;
  std::deque<waiter> waiting_;
  time_point outage_began_ = std::chrono::steady_clock::now();
  bool was_ready_ = false;
  bool has_been_ready_ = false;
  std::function<void(bool)> tell_ready_ = [](bool) {};
  std::function<void(time_point)> tell_demotion_ = [](time_point) {};
  bool closing_ = false;
  async::event idle_;
  async::alarm alarm_;
  async::task_group tasks_;
  std::atomic<std::size_t> ready_count_{0};
  std::atomic<std::size_t> busy_count_{0};
  std::atomic<std::size_t> waiting_count_{0};
};

}  // namespace micro_sayur::sql::postgres
