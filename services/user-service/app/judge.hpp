// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/environment.hpp"
#include "user-service/domain/password_policy.hpp"

#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// judge_password() of the password as it will be hashed, in the client's turn on the computing threads. Throws async::overloaded.
async::task<std::optional<password_refusal>> judge(const environment& env, crypto::password password, std::string email, std::string name,
                                                   std::string network);

}  // namespace micro_sayur::user_service
