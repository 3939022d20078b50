// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/database.hpp"
#include "user-service/ports/session_store.hpp"

namespace micro_sayur::user_service {

class sql_session_store final : public session_store {
 public:
  explicit sql_session_store(sql::database& database) : database_(database) {}

  async::task<bool> add(new_session what) override;
  async::task<std::optional<refresh_state>> rotate(token_digest presented, token_digest successor) override;
  async::task<std::optional<refresh_state>> find(token_digest refresh_token) override;
  async::task<bool> note_late(uuid session_id, token_digest token) override;
  async::task<bool> is_live(uuid session_id, consistency wanted) override;
  async::task<std::optional<account>> find_owner(uuid session_id, consistency wanted) override;
  async::task<> revoke(uuid session_id) override;

 private:
  sql::database& database_;
};

}  // namespace micro_sayur::user_service
