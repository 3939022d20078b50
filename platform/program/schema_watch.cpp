// SPDX-License-Identifier: Apache-2.0
#include "platform/program/schema_watch.hpp"

#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"

namespace micro_sayur::program {
namespace {

using namespace std::chrono_literals;

/// Tries until `what` succeeds or fails for another reason than an absent database, or instances at work that it lost a race against; past
/// `until` these are rethrown, too. `log` may be null.
template <typename Attempt>
async::task<> while_unavailable(const telemetry::logger* log, std::chrono::steady_clock::time_point until, Attempt attempt) {
  async::backoff retry(100ms, 2s);
  for (bool told = false;; told = true) {
    try {
      co_await attempt();
      co_return;
    } catch (const sql::error& error) {
      if (!sql::passes_by_itself(error)) throw;
      if (!told && log != nullptr) log->warning("waiting for the database", {{"error.message", error.what()}});
      if (std::chrono::steady_clock::now() > until) throw;
    }
    co_await async::sleep_for(retry.next());
  }
}

}  // namespace

async::task<sql::schema_state> await_schema(sql::database& on, std::string_view service, std::span<const sql::migration> known,
                                            const telemetry::logger& log) {
  sql::schema_state found;
  const auto check = [&]() -> async::task<> { found = co_await sql::check_schema(on, service, known); };
  co_await while_unavailable(&log, std::chrono::steady_clock::time_point::max(), check);
  co_return found;
}

async::task<> await_database_within(sql::database& on, std::string_view service, std::span<const sql::migration> known,
                                    std::chrono::seconds patience) {
  const auto check = [&]() -> async::task<> {
    co_await sql::check_schema(on, service, known);
    const auto writing = co_await on.begin();
    co_await writing->commit();
  };
  co_await while_unavailable(nullptr, std::chrono::steady_clock::now() + patience, check);
}

async::task<> migrate_patiently(sql::database& on, std::string_view service, std::span<const sql::migration> known,
                                std::chrono::seconds patience, const telemetry::logger& log) {
  const sql::migration_options options{.tell = [&log](const std::string& what) { log.warning("migrating", {{"error.message", what}}); }};
  const auto attempt = [&]() -> async::task<> { co_await sql::migrate(on, service, known, options); };
  co_await while_unavailable(&log, std::chrono::steady_clock::now() + patience, attempt);
}

}  // namespace micro_sayur::program
