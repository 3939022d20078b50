// SPDX-License-Identifier: Apache-2.0
// Events whose mail carries a link. Links stand on PUBLIC_BASE_URL, never on a Host header.
#pragma once

#include "user-service/app/environment.hpp"
#include "user-service/domain/account.hpp"
#include "user-service/domain/user_event.hpp"

#include <string>

namespace micro_sayur::user_service {

user_event verification_requested(const environment& env, const registration& of, const std::string& token, origin from);
user_event password_reset_requested(const environment& env, const account& of, const std::string& token, origin from);

}  // namespace micro_sayur::user_service
