// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/request_password_reset.hpp"

#include "platform/async/runtime.hpp"
#include "user-service/app/links.hpp"
#include "user-service/domain/email_address.hpp"

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;

/// Requests are settled together at the end of each.
constexpr auto settling_interval = 100ms;

/// What other instances have left is looked for after so many.
constexpr int intervals_between_looks = 20;

}  // namespace

async::task<> request_password_reset::run(std::string email, origin from) {
  const auto address = parse_email_address(email);
  co_await resets_.add({.id = env_.ids.next(), .email_key = address ? address->key : std::string(), .from = std::move(from)});
  was_asked_ = true;
}

async::task<> request_password_reset::settle_forever() {
  for (int interval = 0;; ++interval) {
    co_await async::sleep_for(settling_interval);
    if (was_asked_.exchange(false) || interval % intervals_between_looks == 0) co_await settle_all();
  }
}

async::task<> request_password_reset::settle_all() {
  try {
    bool more = true;
    while (more) more = co_await settle_oldest();
  } catch (const boost::system::system_error&) {
    throw;
  } catch (const std::exception&) {
    // Still there, and settled when the database is back: the next look comes soon.
    async::report_background_failure("password resets", std::current_exception());
  }
}

async::task<bool> request_password_reset::settle_oldest() {
  decisions made;
  std::optional<uuid> settled;
  std::exception_ptr failure;
  try {
    settled = co_await resets_.settle_oldest([&](password_reset_request what) { return decide_once(made, std::move(what)); });
  } catch (...) {
    failure = std::current_exception();
  }
  // What was not settled here was not mailed from here, and does not count.
  for (const auto& [id, each] : made)
    if (each.outcome && id != settled) co_await allowance_.give_back(mail_cause::forgotten_password, each.email_key, each.from);
  if (failure) std::rethrow_exception(failure);
  co_return settled.has_value();
}

/// The allowance is taken once, and the token made once, however often the store has to ask.
async::task<std::optional<password_reset>> request_password_reset::decide_once(decisions& made, password_reset_request what) {
  const auto known = made.find(what.id);
  if (known != made.end()) co_return known->second.outcome;
  decided fresh{.outcome = {}, .email_key = what.email_key, .from = what.from};
  const auto id = what.id;
  fresh.outcome = co_await decide(std::move(what));
  co_return made.emplace(id, std::move(fresh)).first->second.outcome;
}

async::task<std::optional<password_reset>> request_password_reset::decide(password_reset_request what) {
  const auto known = co_await accounts_.find_by_email(what.email_key);
  if (!known || known->status != account_status::active) co_return std::nullopt;
  const bool allowed = co_await allowance_.take(mail_cause::forgotten_password, what.email_key, what.from);
  if (!allowed) co_return std::nullopt;
  const auto token = make_token(env_.random);
  auto event = password_reset_requested(env_, *known, token.text, std::move(what.from));
  co_return password_reset{known->id, token.digest, env_.reset_lifetime, std::move(event)};
}

}  // namespace micro_sayur::user_service
