// SPDX-License-Identifier: Apache-2.0
// Which span a coroutine works for, found by whatever it awaits: no parameter is handed through the layers between.
#pragma once

#include "platform/async/task.hpp"
#include "platform/telemetry/tracing/span.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace micro_sayur::telemetry {

/// The context of coroutines that work for a recorded span. Used on its core only.
class span_scope final : public async::coroutine_context {
 public:
  explicit span_scope(const span& of) : to_(of.sink()), of_(of.context()), children_(std::uint64_t{of.number_scope()} << 32) {}

  /// Its span ids follow from that of the span, so that none need be drawn: no other process makes children for the same span in this way.
  span begin_child(span_kind kind, std::string_view name);

 private:
  span_sink& to_;
  const trace_context of_;
  std::uint64_t children_;  ///< counted from where no other scope of the span counts
};

/// A child of what runs `here`; not recorded when that is not.
inline span begin_child(const async::executor& here, span_kind kind, std::string_view name) {
  auto* const scope = dynamic_cast<span_scope*>(here.current_context());
  return scope != nullptr ? scope->begin_child(kind, name) : span();
}

/// Awaits `work`, which works for `of`. A cancelled caller cancels it.
template <typename T>
async::task<T> in_scope(const span& of, async::task<T> work) {
  if (!of) co_return co_await std::move(work);
  const async::executor here = co_await boost::asio::this_coro::executor;
  co_return co_await boost::asio::co_spawn(async::executor(here, std::make_shared<span_scope>(of)), std::move(work), async::use_task);
}

/// Awaits `work` as an internal span of that name, which must be a literal. An exception makes it fail.
template <typename T>
async::task<T> in_span(std::string_view name, async::task<T> work) {
  auto running = begin_child(co_await boost::asio::this_coro::executor, span_kind::internal, name);
  if (!running) co_return co_await std::move(work);
  try {
    co_return co_await in_scope(running, std::move(work));
  } catch (...) {
    running.fail("exception");
    throw;
  }
}

}  // namespace micro_sayur::telemetry
