// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/transact.hpp"

#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"

namespace micro_sayur::sql {
namespace {

using namespace std::chrono_literals;

constexpr int most_runs = 5;

async::task<> run_once(database& on, const std::function<async::task<bool>(transaction&)>& work) {
  const auto open = co_await on.begin();
  const bool is_kept = co_await work(*open);
  if (is_kept) co_await open->commit();
}

}  // namespace

async::task<> run_transaction(database& on, std::function<async::task<bool>(transaction&)> work) {
  async::backoff pause(10ms, 160ms);
  const auto last_begin = std::chrono::steady_clock::now() + on.call_timeout();
  bool has_prepared_again = false;
  for (int run = 1;; ++run) {
    try {
      co_await run_once(on, work);
      co_return;
    } catch (const stale_plan& failure) {
      if (std::exchange(has_prepared_again, true)) throw error(failure.what());
    } catch (const conflict&) {
      if (run == most_runs || std::chrono::steady_clock::now() >= last_begin) throw;
    }
    co_await async::sleep_for(pause.next());
  }
}

}  // namespace micro_sayur::sql
