// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/http/bearer.hpp"
#include "platform/http/router.hpp"
#include "user-service/app/log_in.hpp"
#include "user-service/app/log_out.hpp"
#include "user-service/app/register_user.hpp"
#include "user-service/app/request_password_reset.hpp"
#include "user-service/app/resend_verification.hpp"
#include "user-service/app/reset_password.hpp"
#include "user-service/app/rotate_refresh_token.hpp"
#include "user-service/app/verify_email.hpp"

#include <string>
#include <vector>

namespace micro_sayur::user_service {

/// What the endpoints of /api/v1/auth call. Outlives the routes.
struct auth_use_cases {
  const environment& env;
  register_user& registering;
  verify_email& verifying;
  resend_verification& resending;
  log_in& logging_in;
  rotate_refresh_token& refreshing;
  log_out& logging_out;
  request_password_reset& requesting_reset;
  reset_password& resetting;
  http::bearer_authenticator& bearer;
  session_verdicts& verdicts;
};

std::vector<http::route> auth_routes(const auth_use_cases& use_cases);

}  // namespace micro_sayur::user_service
