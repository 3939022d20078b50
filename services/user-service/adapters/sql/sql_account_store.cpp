// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_account_store.hpp"

#include "platform/events/outbox.hpp"
#include "platform/sql/transact.hpp"
#include "user-service/adapters/sql/rows.hpp"
#include "user-service/adapters/sql/statements.hpp"

namespace micro_sayur::user_service {
namespace {

std::optional<account> first_account(const sql::result& found) {
  if (found.empty()) return std::nullopt;
  return to_account(found[0]);
}

}  // namespace

async::task<std::optional<account>> sql_account_store::find(uuid id) {
  co_return first_account(co_await database_.query({statements::account_by_id, {id}}));
}

async::task<std::optional<account>> sql_account_store::find_by_email(std::string email_key) {
  co_return first_account(co_await database_.query({statements::account_by_email, {std::move(email_key)}}));
}

async::task<bool> sql_account_store::save_profile(account changed, std::int64_t expected, timestamp now) {
  const auto saved =
      co_await database_.execute_one({statements::save_profile,
                                      {changed.id, expected, changed.name, changed.locale, sql::nullable(changed.phone),
                                       sql::nullable(changed.address), sql::nullable(changed.lat), sql::nullable(changed.lng), now}});
  co_return saved.affected() == 1;
}

async::task<> sql_account_store::replace_hash(uuid id, std::string old_hash, std::string new_hash) {
  co_await database_.execute_one({statements::replace_hash, {id, std::move(old_hash), std::move(new_hash)}});
}

async::task<bool> sql_account_store::add(account what, user_event registered) {
  const bool is_added = co_await sql::transact<bool>(database_, [&](sql::transaction& within) -> async::task<sql::ending<bool>> {
    const auto added = co_await within.run({statements::add_account,
                                            {what.id, what.email, what.email_key, what.name, what.locale, what.password_hash,
                                             std::string("active"), join_roles(what.roles), std::int64_t{1}, what.created_at}});
    if (added.affected() == 0) co_return sql::roll_back(false);
    co_await within.run(writer_.write(registered, 1));
    co_return sql::keep(true);
  });
  if (is_added) writer_.committed();
  co_return is_added;
}

async::task<bool> sql_account_store::erase(uuid id, timestamp now, user_event deleted) {
  const bool is_erased = co_await sql::transact<bool>(database_, [&](sql::transaction& within) -> async::task<sql::ending<bool>> {
    co_await within.run({statements::forget_events_of_account_address, {id}});
    co_await within.run({statements::drop_registrations_of_account, {id}});
    // No address is without @: nobody can register this key.
    const auto sequence = co_await within.run({statements::erase_account, {id, "deleted:" + id.to_string(), now}});
    if (sequence.empty()) co_return sql::roll_back(false);
    co_await within.run({statements::revoke_sessions_of_account, {id}});
    co_await within.run({statements::drop_password_resets, {id}});
    co_await within.run({events::forget_subject, {id}});
    co_await within.run(writer_.write(deleted, sequence[0].get<std::int64_t>(0)));
    co_return sql::keep(true);
  });
  if (is_erased) writer_.committed();
  co_return is_erased;
}

async::task<bool> sql_account_store::save_roles(uuid id, std::int64_t expected, std::vector<std::string> roles, bool ends_sessions,
                                                timestamp now) {
  co_return co_await sql::transact<bool>(database_, [&](sql::transaction& within) -> async::task<sql::ending<bool>> {
    const auto saved = co_await within.run({statements::save_roles, {id, expected, join_roles(roles), now, ends_sessions ? 1 : 0}});
    if (saved.affected() == 0) co_return sql::roll_back(false);
    if (ends_sessions) co_await within.run({statements::revoke_sessions_of_account, {id}});
    co_return sql::keep(true);
  });
}

async::task<bool> sql_account_store::set_status(uuid id, account_status wanted, timestamp now) {
  co_return co_await sql::transact<bool>(database_, [&](sql::transaction& within) -> async::task<sql::ending<bool>> {
    const auto changed = co_await within.run({statements::set_status, {id, std::string(to_string(wanted)), now}});
    if (changed.affected() == 0) co_return sql::roll_back(false);
    if (wanted != account_status::active) {
      co_await within.run({statements::revoke_sessions_of_account, {id}});
      co_await within.run({statements::drop_password_resets, {id}});
    }
    co_return sql::keep(true);
  });
}

}  // namespace micro_sayur::user_service
