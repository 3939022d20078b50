// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_recovery.hpp"

#include "user-service/adapters/sql/statements.hpp"

namespace micro_sayur::user_service {

async::task<> sql_recovery::end_sessions() {
  std::vector<sql::call> calls{statements::end_every_session, statements::end_every_reset};
  co_await on_.execute(std::move(calls));
}

async::task<bool> sql_recovery::drop_registration(uuid id) {
  const auto dropped = co_await on_.execute_one({statements::drop_registration, {id}});
  co_return dropped.affected() > 0;
}

}  // namespace micro_sayur::user_service
