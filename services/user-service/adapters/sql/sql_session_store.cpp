// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_session_store.hpp"

#include "user-service/adapters/sql/rows.hpp"
#include "user-service/adapters/sql/statements.hpp"

namespace micro_sayur::user_service {
namespace {

refresh_state to_refresh_state(const sql::row& row) {
  constexpr auto first = account_column_count;
  refresh_state state{.owner = to_account(row)};
  state.of = {.id = row.get<uuid>(first), .account_id = state.owner.id, .expires_at = row.get<timestamp>(first + 1)};
  state.revoked = !row.is_null(first + 2);
  state.expires_at = row.get<timestamp>(first + 3);
  state.used_at = row.get_optional<timestamp>(first + 4);
  state.as_of = row.get<timestamp>(first + 5);
  return state;
}

}  // namespace

async::task<bool> sql_session_store::add(new_session what) {
  std::vector<sql::call> calls;
  calls.emplace_back(statements::add_session, std::vector<sql::value>{what.id, what.account_id, to_microseconds(refresh_absolute_lifetime),
                                                                      what.credential_version});
  calls.emplace_back(statements::add_refresh_token,
                     std::vector<sql::value>{to_bytes(what.refresh_token), what.id, to_microseconds(refresh_idle_lifetime)});
  const auto results = co_await database_.execute(std::move(calls));
  co_return results[0].affected() == 1;
}

async::task<std::optional<refresh_state>> sql_session_store::rotate(token_digest presented, token_digest successor) {
  // One trip: the later statements find the token only when the first one has just marked it.
  std::vector<sql::call> calls;
  calls.emplace_back(statements::use_refresh_token, std::vector<sql::value>{to_bytes(presented)});
  calls.emplace_back(statements::add_successor,
                     std::vector<sql::value>{to_bytes(presented), to_bytes(successor), to_microseconds(refresh_idle_lifetime)});
  calls.emplace_back(statements::refresh_state, std::vector<sql::value>{to_bytes(successor)});
  const auto results = co_await database_.execute(std::move(calls));
  if (results[0].affected() == 0 || results[2].empty()) co_return std::nullopt;
  co_return to_refresh_state(results[2][0]);
}

async::task<std::optional<refresh_state>> sql_session_store::find(token_digest refresh_token) {
  const auto found = co_await database_.query({statements::refresh_state, {to_bytes(refresh_token)}});
  if (found.empty()) co_return std::nullopt;
  co_return to_refresh_state(found[0]);
}

async::task<bool> sql_session_store::note_late(uuid session_id, token_digest token) {
  const auto noted =
      co_await database_.execute_one({statements::note_late_token, {session_id, to_bytes(token), to_microseconds(late_token_interval)}});
  co_return noted.affected() == 1;
}

async::task<bool> sql_session_store::is_live(uuid session_id, consistency wanted) {
  const auto found = co_await database_.query({statements::session_is_live, {session_id}, wanted});
  co_return !found.empty();
}

async::task<std::optional<account>> sql_session_store::find_owner(uuid session_id, consistency wanted) {
  const auto found = co_await database_.query({statements::owner_of_session, {session_id}, wanted});
  if (found.empty()) co_return std::nullopt;
  co_return to_account(found[0]);
}

async::task<> sql_session_store::revoke(uuid session_id) { co_await database_.execute_one({statements::revoke_session, {session_id}}); }

}  // namespace micro_sayur::user_service
