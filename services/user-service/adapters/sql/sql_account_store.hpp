// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"
#include "user-service/adapters/events/user_event_writer.hpp"
#include "user-service/ports/account_store.hpp"

namespace micro_sayur::user_service {

class sql_account_store final : public account_store {
 public:
  /// Both must outlive it.
  sql_account_store(sql::database& database, const user_event_writer& writer) : database_(database), writer_(writer) {}

  async::task<std::optional<account>> find(uuid id) override;
  async::task<std::optional<account>> find_by_email(std::string email_key) override;
  async::task<bool> save_profile(account changed, std::int64_t expected, timestamp now) override;
  async::task<> replace_hash(uuid id, std::string old_hash, std::string new_hash) override;
  async::task<bool> add(account what, user_event registered) override;
  async::task<bool> erase(uuid id, timestamp now, user_event deleted) override;
  async::task<bool> save_roles(uuid id, std::int64_t expected, std::vector<std::string> roles, bool ends_sessions, timestamp now) override;
  async::task<bool> set_status(uuid id, account_status wanted, timestamp now) override;

 private:
  sql::database& database_;
  const user_event_writer& writer_;
};

}  // namespace micro_sayur::user_service
