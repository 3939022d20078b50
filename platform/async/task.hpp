// SPDX-License-Identifier: Apache-2.0
// The coroutine type of the whole project. Its executor is the concrete type of an io_context, which spares every
// awaited operation a type-erased call; a coroutine therefore lives on one core's io_context from start to end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace micro_sayur::async {

using executor = boost::asio::io_context::executor_type;

/// A lazily started coroutine. Arguments taken by reference must outlive the co_await of the returned task.
template <typename T = void>
using task = boost::asio::awaitable<T, executor>;

/// The completion token that turns an Asio operation into a task.
inline constexpr boost::asio::use_awaitable_t<executor> use_task{};

}  // namespace micro_sayur::async
