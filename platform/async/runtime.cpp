// SPDX-License-Identifier: Apache-2.0
#include "platform/async/runtime.hpp"

#include "platform/async/event.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <cstdio>
#include <exception>

namespace micro_sayur::async {
namespace {

namespace asio = boost::asio;

thread_local std::size_t current_core = 0;

failure_handler& background_failure_handler() {
  static failure_handler handler = [](std::string_view name, std::string_view error) {
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(name.size()), name.data(), static_cast<int>(error.size()), error.data());
  };
  return handler;
}

}  // namespace

runtime::runtime(std::size_t cores) {
  for (std::size_t i = 0; i < std::max<std::size_t>(cores, 1); ++i) {
    contexts_.push_back(std::make_unique<asio::io_context>(1));
    guards_.emplace_back(contexts_.back()->get_executor());
  }
}

runtime::~runtime() { stop(); }

void runtime::run() {
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < contexts_.size(); ++i)
    threads.emplace_back([this, i] {
      current_core = i;
      contexts_[i]->run();
    });
  current_core = 0;
  contexts_[0]->run();
}

void runtime::stop() {
  for (auto& context : contexts_) context->stop();
}

void runtime::run_until_done(std::function<task<>()> body) {
  std::exception_ptr failure;
  asio::co_spawn(core(0), std::move(body), [&](std::exception_ptr error) {
    failure = error;
    stop();
  });
  run();
  if (failure) std::rethrow_exception(failure);
}

std::size_t runtime::this_core() noexcept { return current_core; }

void set_background_failure_handler(failure_handler handler) { background_failure_handler() = std::move(handler); }

bool is_cancellation(const std::exception& error) {
  const auto* failure = dynamic_cast<const boost::system::system_error*>(&error);
  return failure != nullptr && failure->code() == asio::error::operation_aborted;
}

void report_background_failure(std::string_view what_ran, const std::exception_ptr& error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& failure) {
    if (!is_cancellation(failure)) background_failure_handler()(what_ran, failure.what());
  } catch (...) {
    background_failure_handler()(what_ran, "an exception of unknown type");
  }
}

void spawn(executor where, std::string_view name, std::function<task<>()> body) {
  asio::co_spawn(where.without_context(), std::move(body), [name](std::exception_ptr error) { report_background_failure(name, error); });
}

task<> sleep_for(std::chrono::steady_clock::duration duration) {
  steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(use_task);
}

}  // namespace micro_sayur::async
