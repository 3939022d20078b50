// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_recovery.hpp"

#include "user-service/adapters/sql/statements.hpp"

namespace micro_sayur::user_service {

async::task<> sql_recovery::end_sessions() {
  std::vector<sql::call> calls{statements::end_every_session, statements::end_every_reset};
  co_await on_.execute(std::move(calls));
}

async::task<bool> sql_recovery::drop_registrations_like(uuid id) {
  std::vector<sql::call> calls;
  calls.push_back({statements::forget_events_of_registration_address, {id}});
  calls.push_back({statements::drop_registrations_like, {id}});
  const auto answers = co_await on_.execute(std::move(calls));
  co_return answers.back().affected() > 0;
}

}  // namespace micro_sayur::user_service
