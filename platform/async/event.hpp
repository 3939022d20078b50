// SPDX-License-Identifier: Apache-2.0
// Waiting for something that another coroutine, or another thread, brings about.
#pragma once

#include "platform/async/task.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace micro_sayur::async {

using steady_timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, executor>;

/// A level-triggered signal between coroutines of one core. Not thread-safe: use it on its executor only.
class event {
 public:
  explicit event(executor where) : timer_(where, steady_timer::time_point::max()) {}

  bool is_set() const { return set_; }
  void set();
  void reset() { set_ = false; }

  /// Returns at once when set, otherwise on the next `set`. Throws operation_aborted when the waiting coroutine is cancelled.
  task<> wait();

  /// As `wait`, but cancellation does not end it. The caller has said `co_await this_coro::throw_if_cancelled(false)`.
  task<> wait_regardless();

  /// As `wait`, at most until `deadline`. True when the event is set.
  task<bool> wait_until(std::chrono::steady_clock::time_point deadline);

 private:
  steady_timer timer_;
  bool set_ = false;
};

/// One value, or one exception, handed from whoever computes it to the one coroutine that waits for it. `set_value` and
/// `set_error` may be called from any thread, once; the state lives as long as either side holds it. Called on an rvalue they leave
/// nothing of the executor with the caller, whose thread may then outlive it.
template <typename T>
class one_shot {
 public:
  explicit one_shot(executor where) : state_(std::make_shared<state>(where)) {}

  void set_value(T value) const& { one_shot(*this).complete_with(std::move(value)); }
  void set_value(T value) && { complete_with(std::move(value)); }
  void set_error(std::exception_ptr error) const& { one_shot(*this).fail_with(std::move(error)); }
  void set_error(std::exception_ptr error) && { fail_with(std::move(error)); }

  /// Waits until there is an outcome, and leaves it there. Throws operation_aborted when the waiting coroutine is cancelled.
  task<> completed() const {
    const auto held = state_;
    co_await held->ready.wait();
  }
  /// As event::wait_regardless.
  task<> completed_regardless() const {
    const auto held = state_;
    co_await held->ready.wait_regardless();
  }

  /// Waits for the outcome; rethrows the exception that was set. Must run on the executor given at construction.
  task<T> wait() const {
    const auto held = state_;
    co_await held->ready.wait();
    // Taken out, so that the exception dies on the thread that caught it and not on the one that threw it.
    if (held->error) std::rethrow_exception(std::exchange(held->error, nullptr));
    co_return std::move(*held->value);
  }

 private:
  struct state {
    explicit state(executor where_) : where(where_), ready(where_) {}
    executor where;
    event ready;
    std::optional<T> value;
    std::exception_ptr error;
  };

  void complete_with(T value) {
    complete([value = std::move(value)](state& s) mutable { s.value.emplace(std::move(value)); });
  }
  void fail_with(std::exception_ptr error) {
    complete([error = std::move(error)](state& s) mutable { s.error = std::move(error); });
  }

  template <typename Apply>
  void complete(Apply apply) {
    const auto where = state_->where;
    boost::asio::dispatch(where, [held = std::move(state_), apply = std::move(apply)]() mutable {
      apply(*held);
      held->ready.set();
    });
  }

  std::shared_ptr<state> state_;
};

}  // namespace micro_sayur::async
