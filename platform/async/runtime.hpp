// SPDX-License-Identifier: Apache-2.0
// The io threads: one io_context and one thread per core, nothing shared between them, so that no strand is needed.
#pragma once

#include "platform/async/task.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace micro_sayur::async {

class runtime {
 public:
  /// `cores` >= 1. Threads start with `run`.
  explicit runtime(std::size_t cores);
  ~runtime();
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  std::size_t core_count() const { return contexts_.size(); }
  boost::asio::io_context& core(std::size_t index) { return *contexts_[index]; }

  /// Runs every core (core 0 on the calling thread) until `stop`. May be called once.
  void run();

  /// Makes `run` return soon; work that is still queued is dropped. Thread-safe.
  void stop();

  /// Runs `body` on core 0 until it has finished, then stops. An exception of the body is rethrown here.
  void run_until_done(std::function<task<>()> body);

  /// The core on whose thread the caller runs; 0 outside of the io threads.
  static std::size_t this_core() noexcept;

 private:
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<boost::asio::executor_work_guard<executor>> guards_;
};

/// Whether a coroutine ended because it was asked to: operation_aborted. Whoever catches all exceptions rethrows these.
bool is_cancellation(const std::exception& error);

/// What happened to a background coroutine that nobody awaits. Installed once by main; the default writes to stderr.
using failure_handler = std::function<void(std::string_view what_ran, std::string_view error)>;
void set_background_failure_handler(failure_handler handler);

/// Hands a background coroutine's exception to that handler; no exception and cancellation are silent.
void report_background_failure(std::string_view what_ran, const std::exception_ptr& error);

/// Starts `body` on `where` and reports an exception that leaves it through the failure handler (cancellation is silent).
/// `name` must outlive the coroutine (a literal).
void spawn(executor where, std::string_view name, std::function<task<>()> body);

/// Suspends the calling coroutine for `duration`. Throws boost::system::system_error(operation_aborted) when cancelled.
task<> sleep_for(std::chrono::steady_clock::duration duration);

}  // namespace micro_sayur::async
