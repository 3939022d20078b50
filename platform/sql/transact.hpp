// SPDX-License-Identifier: Apache-2.0
// A transaction of several trips that is run again as a whole when it lost against another one.
#pragma once

#include "platform/sql/database.hpp"

#include <functional>
#include <optional>
#include <utility>

namespace micro_sayur::sql {

/// What the work of a transaction comes to: a result, and whether what it wrote is kept.
template <typename T>
struct ending {
  T result;
  bool is_kept;
};

template <typename T>
ending<T> keep(T result) {
  return {std::move(result), true};
}

template <typename T>
ending<T> roll_back(T result) {
  return {std::move(result), false};
}

/// Runs `work` in a transaction until it takes effect, and commits it: true, or rolls back: false. After a `conflict`, with which a server
/// says that nothing took effect, everything is run again: at most five times, after pauses of chance, as long as the database's call
/// time-out has not passed since the first began; after a `stale_plan` once. Other errors are thrown on at once; when that is
/// `unavailable`, whether the transaction was committed is unknown. So `work` may run several times: it changes nothing but the database,
/// and that only through the transaction it is given. It is awaited to its end, so that it may refer to what the caller owns.
async::task<> run_transaction(database& on, std::function<async::task<bool>(transaction&)> work);

/// The same with a result, that of the run that took effect.
template <typename T>
async::task<T> transact(database& on, std::function<async::task<ending<T>>(transaction&)> work) {
  std::optional<T> result;
  co_await run_transaction(on, [&](transaction& within) -> async::task<bool> {
    auto end = co_await work(within);
    result.emplace(std::move(end.result));
    co_return end.is_kept;
  });
  co_return std::move(*result);
}

}  // namespace micro_sayur::sql
