// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/log_out.hpp"

namespace micro_sayur::user_service {

async::task<> log_out::run(uuid session_id, uuid account_id, origin from) {
  co_await sessions_.revoke(session_id);
  co_await verdicts_.forget({session_id});
  security_.record(security_events::logout, account_id, from);
}

}  // namespace micro_sayur::user_service
