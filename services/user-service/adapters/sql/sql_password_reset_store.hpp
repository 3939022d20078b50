// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"
#include "user-service/adapters/events/user_event_writer.hpp"
#include "user-service/ports/password_reset_store.hpp"

namespace micro_sayur::user_service {

class sql_password_reset_store final : public password_reset_store {
 public:
  /// Both must outlive it.
  sql_password_reset_store(sql::database& database, const user_event_writer& writer) : database_(database), writer_(writer) {}

  async::task<std::optional<account>> find_account(token_digest token) override;
  async::task<std::optional<std::vector<uuid>>> use(token_digest token, std::string password_hash, timestamp now,
                                                    user_event event) override;

 private:
  sql::database& database_;
  const user_event_writer& writer_;
};

}  // namespace micro_sayur::user_service
