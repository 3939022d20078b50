// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/check_password.hpp"
#include "user-service/app/open_session.hpp"

#include <variant>

namespace micro_sayur::user_service {

/// Opens a session for the right password. A registration that awaits its confirmation looks like a wrong password.
class log_in {
 public:
  struct wrong_credentials {};
  struct disabled {};
  using throttled = check_password::throttled;
  using outcome = std::variant<token_pair, wrong_credentials, disabled, throttled>;

  log_in(check_password& passwords, open_session& opening, security_log& log) : passwords_(passwords), opening_(opening), log_(log) {}

  async::task<outcome> run(credentials typed);

 private:
  check_password& passwords_;
  open_session& opening_;
  security_log& log_;
};

}  // namespace micro_sayur::user_service
