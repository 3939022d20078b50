// SPDX-License-Identifier: Apache-2.0
// One timer for many deadlines.
#pragma once

#include "platform/async/event.hpp"

#include <functional>
#include <memory>

namespace micro_sayur::async {

/// Calls `due` at or before every time asked for, and perhaps earlier: `due` looks for itself what has expired and asks again for
/// the rest. Arming is free while an earlier time is armed. Not thread-safe; after destruction `due` is never called.
class alarm {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  alarm(executor where, std::function<void()> due) : state_(std::make_shared<state>(where, std::move(due))) {}

  void at(time_point when) {
    if (when >= state_->armed_for) return;
    state_->armed_for = when;
    state_->timer.expires_at(when);
    state_->timer.async_wait([weak = std::weak_ptr(state_)](boost::system::error_code error) {
      const auto living = weak.lock();
      if (error || !living) return;
      living->armed_for = time_point::max();
      living->due();
    });
  }

 private:
  struct state {
    state(executor where, std::function<void()> due_) : timer(where), due(std::move(due_)) {}
    steady_timer timer;
    std::function<void()> due;
    time_point armed_for = time_point::max();
  };

  std::shared_ptr<state> state_;
};

}  // namespace micro_sayur::async
