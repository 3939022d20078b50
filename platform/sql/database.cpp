// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/database.hpp"

namespace micro_sayur::sql {

constexpr statement ask_time{"ask_time", "SELECT statement_timestamp()"};

constexpr statement try_to_write{"try_to_write", "SELECT pg_current_xact_id()", "PRAGMA user_version = 0"};

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
