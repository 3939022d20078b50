// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"
#include "user-service/adapters/events/user_event_writer.hpp"
#include "user-service/ports/mail_request_store.hpp"

namespace micro_sayur::user_service {

class sql_mail_request_store final : public mail_request_store {
 public:
  /// Both must outlive it.
  sql_mail_request_store(sql::database& database, const user_event_writer& writer) : database_(database), writer_(writer) {}

  async::task<> add(mail_request what) override;
  async::task<std::vector<uuid>> settle(std::size_t most, decision decide) override;
  async::task<std::int64_t> count_waiting(std::int64_t most) override;

 private:
  sql::database& database_;
  const user_event_writer& writer_;
};

}  // namespace micro_sayur::user_service
