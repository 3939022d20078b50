// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/sql/sql_mail_request_store.hpp"

#include "platform/sql/transact.hpp"
#include "user-service/adapters/sql/rows.hpp"
#include "user-service/adapters/sql/statements.hpp"

#include <algorithm>

namespace micro_sayur::user_service {
namespace {

mail_request to_request(const sql::row& row) {
  return {.id = row.get<uuid>(0),
          .email_key = row.get<std::string>(1),
          .registration_id = row.get_optional<uuid>(5),
          .from = {.request_id = row.get<std::string>(2), .traceparent = row.get<std::string>(3), .network = row.get<std::string>(4)}};
}

/// The sequence of the event; nothing is written where there is none: the account is not active any more.
async::task<std::optional<std::int64_t>> add_reset_token(sql::transaction& within, const mailed_token& wanted) {
  const auto sequence = co_await within.run({statements::next_event_sequence, {wanted.owner_id}});
  if (sequence.empty()) co_return std::nullopt;
  co_await within.run({statements::add_password_reset, {to_bytes(wanted.token), wanted.owner_id, to_microseconds(wanted.lifetime)}});
  co_return sequence[0].get<std::int64_t>(0);
}

/// Likewise, when the registration is gone.
async::task<std::optional<std::int64_t>> replace_registration_token(sql::transaction& within, const mailed_token& wanted) {
  const auto replaced = co_await within.run(
      {statements::replace_registration_token, {wanted.owner_id, to_bytes(wanted.token), to_microseconds(wanted.lifetime)}});
  if (replaced.empty()) co_return std::nullopt;
  co_return replaced[0].get<std::int64_t>(0);
}

/// Whether a mail goes out.
async::task<bool> issue(sql::transaction& within, const user_event_writer& writer, const mailed_token& wanted) {
  const bool is_reset = wanted.event.kind == user_event_kind::password_reset_requested;
  auto written = is_reset ? add_reset_token(within, wanted) : replace_registration_token(within, wanted);
  const auto sequence = co_await std::move(written);
  if (!sequence) co_return false;
  co_await within.run(writer.write(wanted.event, *sequence));
  co_return true;
}

}  // namespace

async::task<> sql_mail_request_store::add(mail_request what) {
  co_await database_.execute_one(
      {statements::add_mail_request,
       {what.id, what.email_key, what.from.request_id, what.from.traceparent, what.from.network, sql::nullable(what.registration_id)}});
}

async::task<std::vector<uuid>> sql_mail_request_store::settle(std::size_t most, decision decide) {
  struct settlement {
    std::vector<uuid> of = {};
    bool mails = false;
  };
  const auto settled = co_await sql::transact<settlement>(database_, [&](sql::transaction& within) -> async::task<sql::ending<settlement>> {
    const auto taken = co_await within.run({statements::take_mail_requests, {static_cast<std::int64_t>(most)}});
    if (taken.empty()) co_return sql::roll_back(settlement());
    settlement made;
    std::vector<mailed_token> wanted;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      auto request = to_request(taken[i]);
      made.of.push_back(request.id);
      auto one = co_await decide(std::move(request));
      if (one) wanted.push_back(std::move(*one));
    }
    // Instances lock accounts and registrations in one order, so that they never wait for each other in a circle.
    std::ranges::sort(wanted, {}, &mailed_token::owner_id);
    for (const auto& each : wanted) {
      const bool is_issued = co_await issue(within, writer_, each);
      made.mails = made.mails || is_issued;
    }
    co_return sql::keep(std::move(made));
  });
  if (settled.mails) writer_.committed();
  co_return settled.of;
}

async::task<std::int64_t> sql_mail_request_store::count_waiting(std::int64_t most) {
  const auto found = co_await database_.query({statements::count_mail_requests, {most}});
  co_return found[0].get<std::int64_t>(0);
}

}  // namespace micro_sayur::user_service
