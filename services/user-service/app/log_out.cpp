// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/log_out.hpp"

namespace micro_sayur::user_service {

async::task<> log_out::run(uuid session_id) {
  co_await sessions_.revoke(session_id);
  co_await verdicts_.forget({session_id});
}

}  // namespace micro_sayur::user_service
