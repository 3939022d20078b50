// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/lock_watch.hpp"

#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"

#include <fmt/core.h>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

namespace micro_sayur::sql {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Well below the time-out of a lock.
constexpr auto interval = 25ms;

/// Looks at locks, which is dear, only while there is a wait. The text of a session's statement is left out: it may have data of people in
/// it.
constexpr statement find_holders{"find_lock_holders",
                                 R"(SELECT (SELECT format('%s of %s', mode, coalesce(relation::regclass::text, locktype))
               FROM pg_locks WHERE pid = waiting.pid AND NOT granted LIMIT 1),
              (SELECT string_agg(format('process %s (role %s, application %s%s)', holder, coalesce(usename, 'none'),
                                        coalesce(nullif(application_name, ''), 'unnamed'),
                                        CASE WHEN xact_start IS NOT NULL THEN
                                          format(', %s, in a transaction for %s s', state, extract(epoch FROM clock_timestamp() - xact_start)::bigint)
                                        END), ' and ')
               FROM unnest(pg_blocking_pids(waiting.pid)) holder LEFT JOIN pg_stat_activity ON pid = holder)
       FROM pg_stat_activity waiting WHERE waiting.pid = $1 AND wait_event_type = 'Lock')",
                                 "SELECT NULL, NULL WHERE $1 < 0"};

}  // namespace

async::task<> lock_watch::during(async::task<> work) {
  async::task_group watching(co_await asio::this_coro::executor);
  watching.spawn("lock watch", [this] { return look_again_and_again(); });
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  // What watches refers to this: it has to end first, also when the caller was cancelled.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  watching.cancel();
  co_await watching.join();
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  if (failure) std::rethrow_exception(failure);
}

async::task<> lock_watch::look_again_and_again() {
  while (true) {
    co_await async::sleep_for(interval);
    try {
      const auto found = co_await on_.query({find_holders, {process_}});
      if (found.empty() || found[0].is_null(0) || found[0].is_null(1)) continue;
      seen_ = fmt::format("{}, held by {}", found[0].get<std::string>(0), found[0].get<std::string>(1));
    } catch (const error&) {
      // The migration itself meets what is wrong.
    }
  }
}

}  // namespace micro_sayur::sql
