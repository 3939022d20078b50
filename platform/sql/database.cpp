// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/database.hpp"

namespace micro_sayur::sql {

constexpr statement ask_time{"ask_time", "SELECT statement_timestamp()"};

// PostgreSQL: rows of 32 kB of noise in a table of the server's own that everybody may write to. They need new pages, as other rows do
// once there is no place left in the old ones; what a row that fits into an old page proves is not enough.
constexpr statement try_to_write{
    "try_to_write", "SELECT lo_unlink(lo_from_bytea(0, string_agg(sha512(random()::text::bytea), ''))) FROM generate_series(1, 512)",
    "PRAGMA user_version = 0"};

bool passes_by_itself(const std::exception& error) {
  return dynamic_cast<const unavailable*>(&error) != nullptr || dynamic_cast<const conflict*>(&error) != nullptr;
}

async::task<result> database::execute_one(call what) {
  std::vector<call> calls;
  calls.push_back(std::move(what));
  auto answers = co_await execute(std::move(calls));
  co_return std::move(answers.front());
}

}  // namespace micro_sayur::sql
