// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"

#include <boost/asio/co_spawn.hpp>

namespace micro_sayur::sql::postgres {

/// Runs `work`, which has not begun, on another core.
template <typename T>
async::task<T> elsewhere(async::executor where, async::task<T> work) {
  co_return co_await boost::asio::co_spawn(where, std::move(work), async::use_task);
}

}  // namespace micro_sayur::sql::postgres
