// SPDX-License-Identifier: Apache-2.0
// Threads for work that blocks or computes for long: hashing, libcurl, SQLite. The io threads never wait for it.
#pragma once

#include "platform/async/event.hpp"
#include "platform/async/fair_queue.hpp"

#include <boost/asio/this_coro.hpp>

#include <atomic>
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
  /// `queue_limit` counts work that waits for a thread, not what is running; `owner_limit` what one owner may have waiting of it.
  offload_pool(std::size_t threads, std::size_t queue_limit, std::size_t owner_limit);
  offload_pool(std::size_t threads, std::size_t queue_limit) : offload_pool(threads, queue_limit, queue_limit) {}

  /// Finishes what is running, drops what waits (its coroutines get `overloaded`) and joins the threads.
  ~offload_pool();
  offload_pool(const offload_pool&) = delete;
  offload_pool& operator=(const offload_pool&) = delete;

  /// Runs `work` on a thread of the pool and resumes the caller on its own core with the result or the exception.
  /// Throws `overloaded` at once when the queue is full. Cancelling the caller does not stop work that has begun.
  /// Owners take turns: one with little work does not wait behind all of another's. When the queue is full the newest work of whoever
  /// has the most waiting makes room, and gets `overloaded`.
  template <typename Work, typename Result = std::invoke_result_t<Work&>>
  task<Result> run(Work work, std::string owner = {}) {
    using stored = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;
    one_shot<stored> outcome(co_await boost::asio::this_coro::executor);
    submit(std::move(owner), [outcome, work = std::move(work)](bool dropped) mutable {
      try {
        if (dropped) throw overloaded("the work made room for that of others");
        if constexpr (std::is_void_v<Result>) {
          work();
          std::move(outcome).set_value({});
        } else {
          std::move(outcome).set_value(work());
        }
      } catch (...) {
        std::move(outcome).set_error(std::current_exception());
      }
    });
    if constexpr (std::is_void_v<Result>)
      co_await outcome.wait();
    else
      co_return co_await outcome.wait();
  }

  /// Work that waits for a thread now, for metrics. Thread-safe.
  std::size_t queued() const;

 private:
  using job = std::move_only_function<void(bool dropped)>;

  void submit(std::string owner, job work);
  void work_until_stopped();

  const std::size_t queue_limit_;
  const std::size_t owner_limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  fair_queue<job> queue_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace micro_sayur::async
