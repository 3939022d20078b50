// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/ports/security_log.hpp"
#include "user-service/ports/session_store.hpp"
#include "user-service/ports/session_verdicts.hpp"

namespace micro_sayur::user_service {

/// Ends a session: its access and refresh tokens are dead on every instance within a second.
class log_out {
 public:
  log_out(session_store& sessions, session_verdicts& verdicts, security_log& security)
      : sessions_(sessions), verdicts_(verdicts), security_(security) {}

  async::task<> run(uuid session_id, uuid account_id, origin from);

 private:
  session_store& sessions_;
  session_verdicts& verdicts_;
  security_log& security_;
};

}  // namespace micro_sayur::user_service
