// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/adapters/sql/sql_registration_store.hpp"
#include "user-service/ports/mail_request_store.hpp"

namespace micro_sayur::user_service {

class sql_mail_request_store final : public mail_request_store {
 public:
  sql_mail_request_store(sql::database& database, outbox_signal committed) : database_(database), committed_(std::move(committed)) {}

  async::task<> add(mail_request what) override;
  async::task<std::vector<uuid>> settle(std::size_t most, decision decide) override;
  async::task<std::int64_t> count_waiting(std::int64_t most) override;

 private:
  sql::database& database_;
  outbox_signal committed_;
};

}  // namespace micro_sayur::user_service
