// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"
#include "user-service/adapters/events/user_event_writer.hpp"
#include "user-service/ports/registration_store.hpp"

namespace micro_sayur::user_service {

class sql_registration_store final : public registration_store, public idempotency_store {
 public:
  /// Both must outlive it.
  sql_registration_store(sql::database& database, const user_event_writer& writer) : database_(database), writer_(writer) {}

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
  const user_event_writer& writer_;
};

}  // namespace micro_sayur::user_service
