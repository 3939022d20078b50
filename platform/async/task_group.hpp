// SPDX-License-Identifier: Apache-2.0
// Background coroutines that belong together and end together.
#pragma once

#include "platform/async/event.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <list>
#include <memory>
#include <string_view>

namespace micro_sayur::async {

/// Not thread-safe: used on its executor only. Every member must have been joined before the group is destroyed.
class task_group {
 public:
  explicit task_group(executor where);

  /// Starts `body`; an exception that leaves it goes to the background failure handler. `name` must be a literal.
  void spawn(std::string_view name, std::function<task<>()> body);

  /// Asks every member to stop: what it awaits throws operation_aborted.
  void cancel();

  /// Waits until every member has ended.
  task<> join();

  std::size_t size() const { return state_->signals.size(); }

 private:
  struct state {
    explicit state(executor where) : ended(where) {}
    std::list<boost::asio::cancellation_signal> signals;
    event ended;
  };

  executor where_;
  std::shared_ptr<state> state_;
};

}  // namespace micro_sayur::async
