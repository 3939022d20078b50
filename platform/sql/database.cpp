// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/database.hpp"

#include "platform/sql/log_timeline.hpp"

namespace micro_sayur::sql {

constexpr statement ask_time{"ask_time", "SELECT statement_timestamp()"};

// PostgreSQL: rows of 32 kB of noise in a table of the server's own that everybody may write to. They need new pages, as other rows do
// once there is no place left in the old ones; what a row that fits into an old page proves is not enough.
constexpr statement try_to_write{
    "try_to_write", "SELECT lo_unlink(lo_from_bytea(0, string_agg(sha512(random()::text::bytea), ''))) FROM generate_series(1, 512)",
    "PRAGMA user_version = 0"};

constexpr statement ask_log_position{
    "ask_log_position", "SELECT " MICRO_SAYUR_LOG_TIMELINE ", CAST(pg_current_wal_insert_lsn() - '0/0' AS bigint)", "SELECT NULL, NULL"};

std::optional<log_position> read_log_position(const result& answer) {
  if (answer.empty() || answer[0].is_null(0)) return std::nullopt;
  return log_position{answer[0].get<std::int64_t>(0), answer[0].get<std::int64_t>(1)};
}

bool passes_by_itself(const std::exception& error) {
  return dynamic_cast<const unavailable*>(&error) != nullptr || dynamic_cast<const conflict*>(&error) != nullptr;
}

async::task<std::unique_ptr<session>> database::open_session() {
  throw error("this database has no sessions outside of transactions");
  co_return nullptr;
}

async::task<result> database::execute_one(call what) {
  std::vector<call> calls;
  calls.push_back(std::move(what));
  auto answers = co_await execute(std::move(calls));
  co_return std::move(answers.front());
}

}  // namespace micro_sayur::sql
