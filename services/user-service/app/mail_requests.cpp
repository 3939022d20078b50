// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/mail_requests.hpp"

#include "platform/async/runtime.hpp"
#include "user-service/app/links.hpp"
#include "user-service/domain/mail_limits.hpp"

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;

/// Requests are settled together at the end of each.
constexpr auto settling_interval = 100ms;

/// What other instances have left is looked for after so many.
constexpr int intervals_between_looks = 20;

/// In one transaction.
constexpr std::size_t most_settled_at_once = 50;

}  // namespace

async::task<> mail_requests::keep(mail_request what) {
  if (waiting_ >= most_waiting_requests) throw async::overloaded("too many requests for mails wait");
  co_await kept_.add(std::move(what));
  was_asked_ = true;
}

async::task<> mail_requests::settle_forever() {
  for (int interval = 0;; ++interval) {
    co_await async::sleep_for(settling_interval);
    if (was_asked_.exchange(false) || interval % intervals_between_looks == 0) co_await settle_all();
  }
}

async::task<> mail_requests::settle_all() {
  try {
    bool more = true;
    while (more) more = co_await settle_some();
  } catch (const std::exception& failure) {
    if (async::is_cancellation(failure)) throw;
    // Still there, and settled when the database is back: the next look comes soon.
    async::report_background_failure("mail requests", std::current_exception());
  }
}

/// A failure leaves unknown whether the mails of these requests go out: then they count. What is there still is tried again under what was
/// allowed before.
async::task<bool> mail_requests::settle_some() {
  waiting_ = co_await kept_.count_waiting(most_waiting_requests);
  const auto settled = co_await kept_.settle(most_settled_at_once, [this](mail_request what) { return decide(std::move(what)); });
  for (const auto& id : settled) allowed_.erase(id);
  const bool more = settled.size() == most_settled_at_once;
  if (!more) allowed_.clear();  // the rest were settled by others
  co_return more;
}

/// Asked again when a transaction took no effect. Its token is then a new one: nobody has seen the other.
async::task<std::optional<mailed_token>> mail_requests::decide(mail_request what) {
  return what.registration_id ? decide_verification(std::move(what)) : decide_reset(std::move(what));
}

async::task<std::optional<mailed_token>> mail_requests::decide_verification(mail_request what) {
  const auto waiting = co_await registrations_.find_registration(*what.registration_id);
  if (!waiting) co_return std::nullopt;
  const bool allowed = co_await is_allowed(mail_cause::resend, what.id, waiting->email_key, what.from);
  if (!allowed) co_return std::nullopt;
  const auto token = make_token(env_.random);
  auto event = verification_requested(env_, *waiting, token.text, std::move(what.from));
  co_return mailed_token{waiting->id, token.digest, env_.verify_lifetime, std::move(event)};
}

async::task<std::optional<mailed_token>> mail_requests::decide_reset(mail_request what) {
  const auto known = co_await accounts_.find_by_email(what.email_key);
  if (!known || known->status != account_status::active) co_return std::nullopt;
  const bool allowed = co_await is_allowed(mail_cause::forgotten_password, what.id, what.email_key, what.from);
  if (!allowed) co_return std::nullopt;
  const auto token = make_token(env_.random);
  auto event = password_reset_requested(env_, *known, token.text, std::move(what.from));
  co_return mailed_token{known->id, token.digest, env_.reset_lifetime, std::move(event)};
}

async::task<bool> mail_requests::is_allowed(mail_cause why, uuid id, std::string email_key, origin from) {
  const auto known = allowed_.find(id);
  if (known != allowed_.end()) co_return known->second;
  const bool allowed = co_await allowance_.take(why, std::move(email_key), std::move(from));
  allowed_.emplace(id, allowed);
  co_return allowed;
}

}  // namespace micro_sayur::user_service
