// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"
#include "user-service/ports/registration_store.hpp"

#include <functional>

namespace micro_sayur::user_service {

/// Called after each commit that left events in the outbox.
using outbox_signal = std::function<void()>;

class sql_registration_store final : public registration_store, public idempotency_store {
 public:
  sql_registration_store(sql::database& database, outbox_signal committed) : database_(database), committed_(std::move(committed)) {}

  async::task<claim_outcome> add(registration what, token_digest token, std::chrono::seconds lifetime, std::optional<user_event> event,
                                 std::optional<idempotency_claim> claim) override;
  async::task<claim_outcome> add_attempt(uuid account_id, std::optional<user_event> event, std::optional<idempotency_claim> claim) override;
  async::task<std::optional<registration>> find_by_token(token_digest token) override;
  async::task<std::optional<account>> confirm(token_digest token, timestamp now, uuid event_id, origin from) override;
  async::task<std::optional<registration>> find_waiting(std::string email_key, std::string password_hash) override;
  async::task<std::optional<registration>> find_registration(uuid id) override;

  async::task<std::optional<idempotency_record>> find(std::string route, std::string key) override;

 private:
  sql::database& database_;
  outbox_signal committed_;
};

}  // namespace micro_sayur::user_service
