// SPDX-License-Identifier: Apache-2.0
// Handing an answer to a waiting coroutine of the same core, at the cost of one post.
#pragma once

#include "platform/async/task.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace micro_sayur::async {

/// The answering side of one `await_reply`. Copies answer the same coroutine; the first answer counts, later ones are dropped.
/// Not thread-safe: used on the core of the waiting coroutine only. When every copy dies unanswered, so does the coroutine.
template <typename T>
class reply {
 public:
  /// Answers nobody.
  reply() = default;

  template <typename Handler>
  reply(executor where, Handler handler) : state_(std::make_shared<state>(where, std::move(handler))) {
    auto slot = boost::asio::get_associated_cancellation_slot(state_->handler);
    if (!slot.is_connected()) return;
    slot.assign([held = std::weak_ptr(state_)](boost::asio::cancellation_type) {
      if (const auto living = held.lock())
        living->complete(std::make_exception_ptr(boost::system::system_error(boost::asio::error::operation_aborted)), {});
    });
  }

  /// False once it was answered, or its coroutine was cancelled: the work may then be skipped.
  bool is_awaited() const { return state_ && state_->handler; }

  void set_value(T value) const {
    if (state_) state_->complete(nullptr, std::move(value));
  }
  void set_error(std::exception_ptr error) const {
    if (state_) state_->complete(std::move(error), {});
  }

 private:
  struct state {
    executor where;
    boost::asio::any_completion_handler<void(std::exception_ptr, T)> handler;

    template <typename Handler>
    state(executor where_, Handler handler_) : where(where_), handler(std::move(handler_)) {}

    void complete(std::exception_ptr error, T value) {
      if (!handler) return;
      boost::asio::post(where, [to = std::exchange(handler, nullptr), error = std::move(error), value = std::move(value)]() mutable {
        std::move(to)(std::move(error), std::move(value));
      });
    }
  };

  std::shared_ptr<state> state_;
};

/// Suspends the caller, then runs `start(reply<T>)`; returns what is answered. An exception of `start` is rethrown here.
/// A cancelled caller gets operation_aborted at once.
template <typename T, typename Start>
task<T> await_reply(executor where, Start start) {
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<executor>, void(std::exception_ptr, T)>(
      [where, start = std::move(start)](auto handler) mutable {
        const reply<T> to(where, std::move(handler));
        try {
          start(to);
        } catch (...) {
          to.set_error(std::current_exception());
        }
      },
      use_task);
}

}  // namespace micro_sayur::async
