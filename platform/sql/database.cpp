// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/database.hpp"

namespace micro_sayur::sql {

async::task<result> database::execute_one(call what) {
  std::vector<call> calls;
  calls.push_back(std::move(what));
  auto answers = co_await execute(std::move(calls));
  co_return std::move(answers.front());
}

}  // namespace micro_sayur::sql
