// SPDX-License-Identifier: Apache-2.0
// The coroutine type of the whole project. Its executor is a concrete type, which spares every awaited operation a type-erased
// call; a coroutine therefore lives on one core's io_context from start to end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace micro_sayur::async {

/// What a coroutine, and all that it awaits, works for: values of the execution that cross the layers between (OpenTelemetry: Context).
class coroutine_context {
 public:
  virtual ~coroutine_context() = default;
};

/// A core's executor, and the context of what runs on it, which a coroutine finds by `co_await this_coro::executor`. Two executors of one
/// core are equal whatever their contexts.
class executor : public boost::asio::io_context::executor_type {
 public:
  using core_executor = boost::asio::io_context::executor_type;

  executor(const core_executor& core) : core_executor(core) {}
  executor(const core_executor& core, std::shared_ptr<coroutine_context> of) : core_executor(core), context_(std::move(of)) {}

  /// Null when there is none.
  coroutine_context* current_context() const { return context_.get(); }

  /// The same core, for work that outlives what its caller works for.
  executor without_context() const { return static_cast<const core_executor&>(*this); }

 private:
  std::shared_ptr<coroutine_context> context_;
};

/// A lazily started coroutine. Arguments taken by reference must outlive the co_await of the returned task.
template <typename T = void>
using task = boost::asio::awaitable<T, executor>;

/// The completion token that turns an Asio operation into a task.
inline constexpr boost::asio::use_awaitable_t<executor> use_task{};

}  // namespace micro_sayur::async
