// SPDX-License-Identifier: Apache-2.0
// What an operator changes about an account, which its owner cannot.
#pragma once

#include "platform/base/system.hpp"
#include "user-service/ports/account_store.hpp"

#include <string>

namespace micro_sayur::user_service {

/// Access tokens carry the roles from the next login or refresh on.
class change_role {
 public:
  enum class outcome { changed, was_so, no_account, unknown_role };

  change_role(const clock_source& clock, account_store& accounts) : clock_(clock), accounts_(accounts) {}

  async::task<outcome> grant(std::string email, std::string role);
  async::task<outcome> take_away(std::string email, std::string role);

 private:
  async::task<outcome> run(std::string email, std::string role, bool wanted);

  const clock_source& clock_;
  account_store& accounts_;
};

/// A disabled account cannot sign in; its sessions are over everywhere within the second for which verdicts are remembered.
class change_status {
 public:
  enum class outcome { changed, was_so, no_account };

  change_status(const clock_source& clock, account_store& accounts) : clock_(clock), accounts_(accounts) {}

  /// `wanted` is not `deleted`.
  async::task<outcome> run(std::string email, account_status wanted);

 private:
  const clock_source& clock_;
  account_store& accounts_;
};

}  // namespace micro_sayur::user_service
