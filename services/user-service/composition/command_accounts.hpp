// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/adapters/sql/sql_account_store.hpp"

#include <stdexcept>

namespace micro_sayur::user_service {

/// Accounts as an operator's commands change them: without the secret under which events are sealed, since a deletion, the one event that
/// they write, is not. A running service finds it when it next looks.
class command_accounts {
 public:
  /// Both must outlive it.
  command_accounts(sql::database& on, random_source& random) : seal_(refuse, random), writer_(seal_, [] {}), store_(on, writer_) {}
  command_accounts(const command_accounts&) = delete;
  command_accounts& operator=(const command_accounts&) = delete;

  sql_account_store& store() { return store_; }

 private:
  static std::vector<std::string> refuse(std::string_view) { throw std::logic_error("a command seals no event"); }

  const events::payload_seal seal_;
  const user_event_writer writer_;
  sql_account_store store_;
};

}  // namespace micro_sayur::user_service
