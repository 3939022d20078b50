// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_password_reset_store.hpp"

#include "platform/sql/transact.hpp"
#include "user-service/adapters/sql/rows.hpp"
#include "user-service/adapters/sql/statements.hpp"

namespace micro_sayur::user_service {
namespace {

std::vector<uuid> to_ids(const sql::result& rows) {
  std::vector<uuid> ids;
  for (std::size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].get<uuid>(0));
  return ids;
}

}  // namespace

async::task<std::optional<account>> sql_password_reset_store::find_account(token_digest token) {
  const auto found = co_await database_.query({statements::account_by_reset, {to_bytes(token)}});
  if (found.empty()) co_return std::nullopt;
  co_return to_account(found[0]);
}

async::task<std::optional<std::vector<uuid>>> sql_password_reset_store::use(token_digest token, std::string password_hash, timestamp now,
                                                                            user_event event) {
  using ended_sessions = std::optional<std::vector<uuid>>;
  auto ended = co_await sql::transact<ended_sessions>(database_, [&](sql::transaction& within) -> async::task<sql::ending<ended_sessions>> {
    const auto used = co_await within.run({statements::use_password_reset, {to_bytes(token)}});
    if (used.empty()) co_return sql::roll_back(ended_sessions());
    const auto account_id = used[0].get<uuid>(0);
    const auto sequence = co_await within.run({statements::set_password, {account_id, password_hash, now}});
    if (sequence.empty()) co_return sql::roll_back(ended_sessions());
    const auto revoked = co_await within.run({statements::revoke_sessions_of_account, {account_id}});
    co_await within.run({statements::drop_password_resets, {account_id}});
    co_await within.run(writer_.write(event, sequence[0].get<std::int64_t>(0)));
    co_return sql::keep(ended_sessions(to_ids(revoked)));
  });
  if (ended) writer_.committed();
  co_return ended;
}

}  // namespace micro_sayur::user_service
