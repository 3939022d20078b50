// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "user-service/ports/registration_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::user_service {

/// Tokens that allow to set a new password. Throws as platform/sql/error.hpp.
class password_reset_store {
 public:
  virtual ~password_reset_store() = default;

  /// The account that an unused, unexpired token is for.
  virtual async::task<std::optional<account>> find_account(token_digest token) = 0;

  /// Uses the token: sets the hash, ends every session of the account, voids its other reset tokens, keeps the event, changes the account
  /// as of `now`. The ids of the
  /// ended sessions; nullopt when the token was used or has expired meanwhile, and nothing has changed.
  virtual async::task<std::optional<std::vector<uuid>>> use(token_digest token, std::string password_hash, timestamp now,
                                                            user_event event) = 0;
};

}  // namespace micro_sayur::user_service
