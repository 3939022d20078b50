// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/adapters/sql/sql_registration_store.hpp"
#include "user-service/ports/password_reset_store.hpp"

namespace micro_sayur::user_service {

class sql_password_reset_store final : public password_reset_store {
 public:
  sql_password_reset_store(sql::database& database, outbox_signal committed) : database_(database), committed_(std::move(committed)) {}

  async::task<std::optional<account>> find_account(token_digest token) override;
  async::task<std::optional<std::vector<uuid>>> use(token_digest token, std::string password_hash, timestamp now,
                                                    user_event event) override;

 private:
  sql::database& database_;
  outbox_signal committed_;
};

}  // namespace micro_sayur::user_service
