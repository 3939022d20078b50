// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"

namespace micro_sayur::user_service {

/// For a restored database that nobody uses yet. `on` is the schema's owner, and must outlive it.
class sql_recovery {
 public:
  explicit sql_recovery(sql::database& on) : on_(on) {}

  /// Every session, refresh token and token of a password reset, in a time that does not grow with their number.
  async::task<> end_sessions();

  /// The registration and the others of its address, with their events. False: there was none.
  async::task<bool> drop_registrations_like(uuid id);

 private:
  sql::database& on_;
};

}  // namespace micro_sayur::user_service
