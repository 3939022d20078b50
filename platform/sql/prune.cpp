// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/prune.hpp"

#include "platform/async/runtime.hpp"

namespace micro_sayur::sql {
namespace {

async::task<> prune(database& on, timestamp before, retention each, const prune_settings& with) {
  while (true) {
    const auto removed = co_await on.execute_one({*each.remove, {before, with.batch}});
    if (each.removed && removed.affected() > 0) each.removed(removed.affected());
    const bool is_over = each.one_a_call ? removed.empty() && removed.affected() == 0 : removed.affected() < with.batch;
    if (is_over) co_return;
    co_await async::sleep_for(with.between_batches);
  }
}

}  // namespace

async::task<> prune_forever(database& on, std::vector<retention> what, prune_settings with) {
  while (true) {
    for (const auto& each : what) {
      try {
        const auto now = co_await on.query(ask_time);
        co_await prune(on, now[0].get<timestamp>(0) - each.keep, each, with);
      } catch (const unavailable&) {
        // The health checks tell; the next round goes on.
      } catch (const error&) {
        async::report_background_failure("pruner", std::current_exception());
      }
    }
    co_await async::sleep_for(with.between_rounds);
  }
}

}  // namespace micro_sayur::sql
