// SPDX-License-Identifier: Apache-2.0
#include "platform/async/event.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace micro_sayur::async {
namespace {

namespace asio = boost::asio;

task<> throw_if_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace

void event::set() {
  set_ = true;
  timer_.cancel();
}

task<> event::wait() {
  while (!set_) {
    // Every timer wait ends by cancellation: of the timer by `set`, or of the coroutine, which must not look like a `set`.
    co_await timer_.async_wait(asio::as_tuple(use_task));
    if (!set_) co_await throw_if_cancelled();
  }
}

task<> event::wait_regardless() {
  while (!set_) co_await timer_.async_wait(asio::as_tuple(use_task));
}

task<bool> event::wait_until(std::chrono::steady_clock::time_point deadline) {
  if (set_) co_return true;
  steady_timer limit(co_await asio::this_coro::executor, deadline);
  // The handler may have been queued when both end: it must not touch an event that is gone by then.
  const auto living = std::make_shared<steady_timer*>(&timer_);
  limit.async_wait([weak = std::weak_ptr(living)](boost::system::error_code error) {
    const auto timer = weak.lock();
    if (timer && !error) (*timer)->cancel();
  });
  while (!set_ && std::chrono::steady_clock::now() < deadline) {
    co_await timer_.async_wait(asio::as_tuple(use_task));
    if (!set_) co_await throw_if_cancelled();
  }
  co_return set_;
}

}  // namespace micro_sayur::async
