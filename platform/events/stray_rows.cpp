// SPDX-License-Identifier: Apache-2.0
#include "platform/events/stray_rows.hpp"

#include "platform/async/runtime.hpp"

namespace micro_sayur::events {
namespace {

constexpr sql::statement find_in_outbox{"outbox_find_strays", "SELECT EXISTS (SELECT FROM outbox_default)", "SELECT false"};
constexpr sql::statement find_in_inbox{"inbox_find_strays", "SELECT EXISTS (SELECT FROM inbox_default)", "SELECT false"};

}  // namespace

async::task<> watch_stray_rows(sql::database& on, partitioned table, stray_rows_settings with) {
  const auto& find = table == partitioned::outbox ? find_in_outbox : find_in_inbox;
  for (bool has_rows = false;;) {
    try {
      const auto found = co_await on.query(find);
      if (found[0].get<bool>(0) != has_rows) with.tell(has_rows = !has_rows);
    } catch (const sql::unavailable&) {
      // The health checks tell.
    } catch (const sql::error&) {
      async::report_background_failure("stray rows", std::current_exception());
    }
    co_await async::sleep_for(with.between_looks);
  }
}

async::task<> watch_stray_rows(sql::database& on, partitioned table, const telemetry::logger& log) {
  const std::string_view partition = table == partitioned::outbox ? "outbox_default" : "inbox_default";
  return watch_stray_rows(
      on, table, {.tell = [&log, partition](bool has_rows) {
        if (has_rows)
          log.warning("rows lie outside of all partitions: see the clocks, and who holds the table (docs/operations/data.md#growth)",
                      {{"db.collection.name", partition}});
        else
          log.info("no rows lie outside of the partitions any more", {{"db.collection.name", partition}});
      }});
}

}  // namespace micro_sayur::events
