// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "user-service/domain/account.hpp"
#include "user-service/domain/user_event.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// Accounts. Deleted ones are never found. Throws as platform/sql/error.hpp.
class account_store {
 public:
  virtual ~account_store() = default;

  virtual async::task<std::optional<account>> find(uuid id) = 0;
  virtual async::task<std::optional<account>> find_by_email(std::string email_key) = 0;

  /// Writes the profile (name, locale, phone, address, lat, lng) over version `expected`; false when the account has another version by
  /// now. The new version is `expected` + 1.
  virtual async::task<bool> save_profile(account changed, std::int64_t expected, timestamp now) = 0;

  /// After a login under old hash parameters: the same password, so the credential's version stays. Does nothing when the hash has changed
  /// meanwhile.
  virtual async::task<> replace_hash(uuid id, std::string old_hash, std::string new_hash) = 0;

  /// Makes an account that needs no verification unless the address has one; false then.
  virtual async::task<bool> add(account what, user_event registered) = 0;

  /// Deletes the account: erases everything personal, frees the address, ends every session and voids the reset tokens, keeps the event;
  /// false when there is no such account.
  virtual async::task<bool> erase(uuid id, timestamp now, user_event deleted) = 0;

  /// Sets the roles over version `expected`; false when the account has another version by now, or is gone. `ends_sessions`: no token may
  /// live on that names a role which is taken away.
  virtual async::task<bool> save_roles(uuid id, std::int64_t expected, std::vector<std::string> roles, bool ends_sessions,
                                       timestamp now) = 0;

  /// Disables the account, which ends its sessions and voids its reset tokens, or makes it active again; false when it has that status
  /// or is gone. `wanted` is not `deleted`.
  virtual async::task<bool> set_status(uuid id, account_status wanted, timestamp now) = 0;
};

}  // namespace micro_sayur::user_service
