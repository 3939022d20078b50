// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_password_reset_store.hpp"

#include "platform/events/outbox.hpp"
#include "platform/sql/transact.hpp"
#include "user-service/adapters/events/user_event_writer.hpp"
#include "user-service/adapters/sql/rows.hpp"
#include "user-service/adapters/sql/statements.hpp"

#include <algorithm>

namespace micro_sayur::user_service {
namespace {

password_reset_request to_request(const sql::row& row) {
  return {.id = row.get<uuid>(0),
          .email_key = row.get<std::string>(1),
          .from = {.request_id = row.get<std::string>(2), .traceparent = row.get<std::string>(3), .network = row.get<std::string>(4)}};
}

/// False, and nothing is kept, when the account is not active any more.
async::task<bool> issue(sql::transaction& within, const password_reset& wanted) {
  const auto sequence = co_await within.run({statements::next_event_sequence, {wanted.account_id}});
  if (sequence.empty()) co_return false;
  co_await within.run({statements::add_password_reset, {to_bytes(wanted.token), wanted.account_id, to_microseconds(wanted.lifetime)}});
  co_await within.run(events::outbox_insert(to_cloud_event(wanted.event, sequence[0].get<std::int64_t>(0))));
  co_return true;
}

std::vector<uuid> to_ids(const sql::result& rows) {
  std::vector<uuid> ids;
  for (std::size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].get<uuid>(0));
  return ids;
}

}  // namespace

async::task<> sql_password_reset_store::add(password_reset_request what) {
  co_await database_.execute_one(
      {statements::add_reset_request, {what.id, what.email_key, what.from.request_id, what.from.traceparent, what.from.network}});
}

async::task<std::vector<uuid>> sql_password_reset_store::settle(std::size_t most, decision decide) {
  struct settlement {
    std::vector<uuid> of = {};
    bool mails = false;
  };
  const auto settled = co_await sql::transact<settlement>(database_, [&](sql::transaction& within) -> async::task<sql::ending<settlement>> {
    const auto taken = co_await within.run({statements::take_reset_requests, {static_cast<std::int64_t>(most)}});
    settlement made{.of = to_ids(taken)};
    if (taken.empty()) co_return sql::roll_back(std::move(made));
    std::vector<password_reset> wanted;
    for (std::size_t i = 0; i < taken.size(); ++i)
      if (auto one = co_await decide(to_request(taken[i]))) wanted.push_back(std::move(*one));
    // Instances lock accounts in one order, so that they never wait for each other in a circle.
    std::ranges::sort(wanted, {}, &password_reset::account_id);
    for (const auto& each : wanted) {
      const bool is_issued = co_await issue(within, each);
      made.mails = made.mails || is_issued;
    }
    co_return sql::keep(std::move(made));
  });
  if (settled.mails) committed_();
  co_return settled.of;
}

async::task<std::int64_t> sql_password_reset_store::count_waiting(std::int64_t most) {
  const auto found = co_await database_.query({statements::count_reset_requests, {most}});
  co_return found[0].get<std::int64_t>(0);
}

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
    co_await within.run(events::outbox_insert(to_cloud_event(event, sequence[0].get<std::int64_t>(0))));
    co_return sql::keep(ended_sessions(to_ids(revoked)));
  });
  if (ended) committed_();
  co_return ended;
}

}  // namespace micro_sayur::user_service
