// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"
#include "user-service/ports/account_store.hpp"

#include <string>

namespace micro_sayur::user_service {

/// Gives an account a further role. Access tokens carry it from the next login or refresh on.
class grant_role {
 public:
  enum class outcome { granted, had_it, no_account, unknown_role };

  grant_role(const clock_source& clock, account_store& accounts) : clock_(clock), accounts_(accounts) {}

  async::task<outcome> run(std::string email, std::string role);

 private:
  const clock_source& clock_;
  account_store& accounts_;
};

}  // namespace micro_sayur::user_service
