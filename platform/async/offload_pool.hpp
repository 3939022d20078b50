// SPDX-License-Identifier: Apache-2.0
// Threads for work that blocks or computes for long: hashing, libcurl, SQLite. The io threads never wait for it.
#pragma once

#include "platform/async/event.hpp"
#include "platform/async/fair_queue.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

namespace micro_sayur::async {

/// A bounded queue was full. The HTTP boundary answers 503 with Retry-After.
class overloaded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class offload_pool {
 public:
  using group_of_owner = std::string (*)(const std::string& owner);

  /// `queue_limit` counts work that waits for a thread, not what is running; `owner_limit` what one owner may have waiting of it.
  /// `group_of` says to which group an owner belongs; without it each is a group of its own.
  offload_pool(std::size_t threads, std::size_t queue_limit, std::size_t owner_limit, group_of_owner group_of = nullptr);
  offload_pool(std::size_t threads, std::size_t queue_limit) : offload_pool(threads, queue_limit, queue_limit) {}

  /// Finishes what is running, drops what waits (its coroutines get `overloaded`) and joins the threads.
  ~offload_pool();
  offload_pool(const offload_pool&) = delete;
  offload_pool& operator=(const offload_pool&) = delete;

  /// Runs `work` on a thread of the pool and resumes the caller on its own core with the result or the exception.
  /// Throws `overloaded` at once when the queue is full. `work` may refer to what the caller owns: a caller that is cancelled gets
  /// operation_aborted at once when the work has not begun, which it then never does, and otherwise when it has ended.
  /// Groups take turns, and owners within their group: one with little work does not wait behind all of another's. When the queue is full
  /// the newest work of whoever has the most waiting makes room, and gets `overloaded`.
  template <typename Work, typename Result = std::invoke_result_t<Work&>>
  task<Result> run(Work work, std::string owner = {}) {
    using stored = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;
    const one_shot<stored> outcome(co_await boost::asio::this_coro::executor);
    const auto call = std::make_shared<pending<stored>>(outcome);
    submit(owner, [call, work = std::move(work)](bool dropped) mutable {
      auto to = call->begin();
      if (!to) return;
      try {
        if (dropped) throw overloaded("the work made room for that of others");
        if constexpr (std::is_void_v<Result>) {
          work();
          std::move(*to).set_value({});
        } else {
          std::move(*to).set_value(work());
        }
      } catch (...) {
        std::move(*to).set_error(std::current_exception());
      }
    });
    bool cancelled = false;
    try {
      co_await outcome.completed();
    } catch (const boost::system::system_error&) {
      cancelled = true;
    }
    if (cancelled) {
      if (!call->abandon()) {
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        co_await outcome.completed_regardless();
        co_await boost::asio::this_coro::throw_if_cancelled(true);
      }
      throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
    if constexpr (std::is_void_v<Result>)
      co_await outcome.wait();
    else
      co_return co_await outcome.wait();
  }

  /// Work that waits for a thread now, for metrics. Thread-safe.
  std::size_t queued() const;

  /// Told on the pool's threads how long each work has waited for its thread. Called before the first work; `tell` must not throw.
  void on_begin(std::function<void(std::chrono::steady_clock::duration waited)> tell) { tell_wait_ = std::move(tell); }

 private:
  struct job {
    std::move_only_function<void(bool dropped)> work;
    std::chrono::steady_clock::time_point queued_at = std::chrono::steady_clock::now();
  };

  /// A call that waits for a thread. Whoever comes first takes the outcome out: what stays in the queue then holds nothing of a core
  /// that may be gone before it.
  template <typename T>
  class pending {
   public:
    explicit pending(one_shot<T> outcome) : outcome_(std::move(outcome)) {}

    /// The thread's: whom to answer, or nullopt when nobody waits any more.
    std::optional<one_shot<T>> begin() {
      if (taken_.exchange(true)) return std::nullopt;
      return std::exchange(outcome_, std::nullopt);
    }

    /// The caller's: false when the work has begun.
    bool abandon() {
      if (taken_.exchange(true)) return false;
      outcome_.reset();
      return true;
    }

   private:
    std::atomic<bool> taken_ = false;
    std::optional<one_shot<T>> outcome_;
  };

  void submit(const std::string& owner, std::move_only_function<void(bool dropped)> work);
  void work_until_stopped();

  const std::size_t queue_limit_;
  const std::size_t owner_limit_;
  const group_of_owner group_of_;
  std::function<void(std::chrono::steady_clock::duration)> tell_wait_ = [](std::chrono::steady_clock::duration) {};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  fair_queue<job> queue_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace micro_sayur::async
