// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/delete_command.hpp"

#include "platform/telemetry/trace_context.hpp"
#include "user-service/adapters/sql/sql_account_store.hpp"
#include "user-service/app/delete_account.hpp"

#include <fmt/core.h>

namespace micro_sayur::user_service {

async::task<int> run_delete_command(sql::database& on, program::process& base, std::string email) {
  sql_account_store accounts(on, [] {});  // a running service finds the event when it next looks
  const origin command{.request_id = base.ids.next().to_string(), .traceparent = telemetry::new_trace(base.random).to_traceparent()};
  const bool deleted = co_await delete_account(base.clock, base.ids, accounts).run(email, command);
  if (deleted)
    fmt::print("The account of {} is deleted.\n", email);
  else
    fmt::print(stderr, "No account has the address {}.\n", email);
  co_return deleted ? 0 : 1;
}

}  // namespace micro_sayur::user_service
