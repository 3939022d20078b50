// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sql/sql_notification_store.hpp"

#include "notification-service/adapters/sql/statements.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/events/inbox.hpp"
#include "platform/json/reader.hpp"
#include "platform/json/text.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace micro_sayur::notification_service {
namespace {

std::string to_json(const template_values& values) {
  std::string out;
  char separator = '{';
  for (const auto& [name, value] : values) {
    out += separator;
    json::append_string(out, name);
    out += ':';
    json::append_string(out, value);
    separator = ',';
  }
  return out.empty() ? "{}" : out + '}';
}

std::optional<template_values> read_values(const std::optional<std::string>& stored) {
  if (!stored) return std::nullopt;
  const auto parsed = json::parse(*stored);
  if (!parsed || !parsed->is_object()) throw std::logic_error("notifications.data does not hold a JSON object");
  template_values values;
  for (const auto& [name, value] : parsed->get_object()) values.emplace(name, value.as_string());
  return values;
}

notification read(const sql::row& from) {
  const auto kind = parse_kind(from.get<std::string>(1));
  const auto status = parse_status(from.get<std::string>(6));
  if (!kind || !status)
    throw std::logic_error(fmt::format("notification {} is of an unknown kind or status", from.get<uuid>(0).to_string()));
  return {.id = from.get<uuid>(0),
          .kind = *kind,
          .user_id = from.get<uuid>(2),
          .recipient = from.get<std::string>(3),
          .language = parse_locale(from.get<std::string>(4)),
          .values = read_values(from.get_optional<std::string>(5)),
          .status = *status,
          .attempts = from.get<std::int64_t>(7),
          .failures = from.get<std::int64_t>(8),
          .created_at = from.get<timestamp>(9),
          .request_id = from.get<std::string>(10),
          .traceparent = from.get<std::string>(11),
          .caused_at = from.get_optional<timestamp>(12),
          .released = from.get<bool>(13)};
}

std::vector<notification> read_all(const sql::result& found) {
  std::vector<notification> all;
  all.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) all.push_back(read(found[i]));
  return all;
}

sql::call insert(const notification& what, std::chrono::microseconds lease) {
  const auto due_in = std::int64_t{what.status == notification_status::sending ? lease.count() : 0};
  const auto data = what.values ? sql::value(to_json(*what.values)) : sql::value(sql::null{});
  return {statements::insert_notification,
          {what.id, std::string(to_string(what.kind)), what.user_id, what.recipient, recipient_key(what.recipient),
           std::string(to_string(what.language)), data, std::string(to_string(what.status)), what.attempts, due_in, what.created_at,
           what.request_id, what.traceparent, what.caused_at ? sql::value(*what.caused_at) : sql::value(sql::null{})}};
}

sql::call list_call(const notification_filter& filter) {
  uuid before;
  before.bytes.fill(0xff);
  std::vector<sql::value> parameters{filter.before.value_or(before), filter.limit};
  if (filter.recipient) parameters.emplace_back(recipient_key(*filter.recipient));
  if (filter.status) parameters.emplace_back(std::string(to_string(*filter.status)));
  if (filter.recipient && filter.status) return {statements::list_by_recipient_and_status, std::move(parameters), filter.wanted};
  if (filter.recipient) return {statements::list_by_recipient, std::move(parameters), filter.wanted};
  if (filter.status) return {statements::list_by_status, std::move(parameters), filter.wanted};
  return {statements::list_all, std::move(parameters), filter.wanted};
}

/// The inbox may have been lost, or the event forgotten, while the notification is there still.
bool is_same_notification(const sql::unique_violation& violation) { return violation.constraint() == "notifications_pkey"; }

class sql_notification_store final : public notification_store {
 public:
  explicit sql_notification_store(sql::database& on) : on_(on) {}

  async::task<receive_outcome> receive(event_key event, std::optional<notification> what, std::chrono::microseconds lease) override {
    std::vector<sql::call> calls;
    calls.push_back(events::inbox_insert(event.source, event.id, event.type));
    if (!what) return take(std::move(calls));
    calls.push_back(lock(what->user_id));
    const auto decisive = calls.size();
    calls.push_back(insert(*what, lease));
    if (what->attempts > 0) calls.push_back({statements::insert_attempt, {what->id, what->attempts}});
    return take(std::move(calls), decisive);
  }

  async::task<receive_outcome> forget_user(event_key event, uuid user_id, timestamp now) override {
    std::vector<sql::call> calls;
    calls.push_back(events::inbox_insert(event.source, event.id, event.type));
    calls.push_back(lock(user_id));
    calls.push_back({statements::remember_forgotten, {user_id, now}});
    calls.push_back({statements::forget_attempts_at_address, {user_id, event.id}});
    calls.push_back({statements::forget_address, {user_id, event.id, now}});
    calls.push_back({statements::forget_user, {user_id, now}});
    calls.push_back({statements::forget_attempts_of_user, {user_id}});
    return take(std::move(calls));
  }

  async::task<std::vector<notification>> claim(std::chrono::microseconds lease, std::int64_t limit) override {
    std::vector<sql::call> calls;
    calls.push_back({statements::claim, {std::int64_t{lease.count()}, limit}});
    calls.emplace_back(statements::insert_claimed_attempts);
    const auto answers = co_await on_.execute(std::move(calls));
    co_return read_all(answers.front());
  }

  async::task<> finish(attempt_result result) override {
    result.outcome.detail = foreign_text(result.outcome.detail);
    bool refused = false;
    try {
      co_await store_outcome(result);
    } catch (const sql::error& failure) {
      if (sql::passes_by_itself(failure)) throw;
      refused = true;
    }
    if (!refused) co_return;
    // What happened counts; what was said about it need not be kept.
    result.outcome.detail.clear();
    co_await store_outcome(std::move(result));
  }

  async::task<std::vector<notification>> list(notification_filter filter) override {
    const auto found = co_await on_.query(list_call(filter));
    co_return read_all(found);
  }

  async::task<std::optional<notification_history>> find(uuid id, consistency wanted) override {
    const auto found = co_await on_.query({statements::find_notification, {id}, wanted});
    if (found.empty()) co_return std::nullopt;
    notification_history history{.what = read(found[0]), .attempts = {}};
    const auto attempts = co_await on_.query({statements::find_attempts, {id}, wanted});
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      const auto row = attempts[i];
      history.attempts.push_back({.number = row.get<std::int64_t>(0),
                                  .started_at = row.get<timestamp>(1),
                                  .ended_at = row.get_optional<timestamp>(2),
                                  .outcome = row.get_optional<std::string>(3).value_or(""),
                                  .detail = row.get_optional<std::string>(4).value_or("")});
    }
    co_return history;
  }

  async::task<std::chrono::seconds> longest_overdue() override {
    const auto found = co_await on_.query(statements::first_due);
    if (found.empty()) co_return std::chrono::seconds(0);
    const auto waited = found[0].get<timestamp>(1) - found[0].get<timestamp>(0);
    co_return std::max(std::chrono::duration_cast<std::chrono::seconds>(waited), std::chrono::seconds(0));
  }

  async::task<retry_outcome> retry(uuid id) override {
    const auto changed = co_await on_.execute_one({statements::retry, {id}});
    if (changed.affected() == 1) co_return retry_outcome::done;
    const auto found = co_await on_.query({statements::find_notification, {id}});
    if (found.empty()) co_return retry_outcome::not_found;
    if (found[0].is_null(5)) co_return retry_outcome::erased;
    co_return read(found[0]).status == notification_status::withheld ? retry_outcome::withheld : retry_outcome::not_failed;
  }

  async::task<std::int64_t> release(std::vector<uuid> ids) override {
    std::vector<sql::call> calls;
    for (const auto& id : ids) calls.push_back({statements::release, {id}});
    if (calls.empty()) co_return 0;
    const auto answers = co_await on_.execute(std::move(calls));
    std::int64_t released = 0;
    for (const auto& each : answers) released += each.affected();
    co_return released;
  }

 private:
  async::task<> store_outcome(attempt_result result) {
    std::vector<sql::call> calls;
    const auto due_in = result.retry_after ? sql::value(std::int64_t{result.retry_after->count()}) : sql::value(sql::null{});
    if (result.status == notification_status::sent)
      calls.push_back({statements::finish_sent, {result.id, result.ended_at}});
    else
      calls.push_back({statements::finish_unsent,
                       {result.id, result.number, std::string(to_string(result.status)), result.failures, due_in, result.ended_at}});
    calls.push_back({statements::finish_attempt,
                     {result.id, result.number, result.ended_at, std::string(to_string(result.outcome.what)), result.outcome.detail}});
    co_await on_.execute(std::move(calls));
  }

  static sql::call lock(uuid user_id) { return {statements::lock_user, {user_id.to_string()}}; }

  /// What an event brings about, its row of the inbox first. When the call at `decisive` changes no row, the user has been forgotten.
  async::task<receive_outcome> take(std::vector<sql::call> calls, std::size_t decisive = 0) {
    try {
      const auto answers = co_await on_.execute(std::move(calls));
      co_return answers.at(decisive).affected() == 0 ? receive_outcome::forgotten : receive_outcome::stored;
    } catch (const sql::unique_violation& violation) {
      if (!events::is_duplicate(violation) && !is_same_notification(violation)) throw;
      co_return receive_outcome::duplicate;
    }
  }

  sql::database& on_;
};

}  // namespace

std::unique_ptr<notification_store> make_sql_notification_store(sql::database& on) { return std::make_unique<sql_notification_store>(on); }

std::vector<sql::retention> notification_retention() {
  using std::chrono::days;
  auto all = events::inbox_retention(days(14));
  std::ranges::move(std::vector<sql::retention>{{&statements::prune, days(90)},
                                                {&statements::erase_failed, days(14)},
                                                {&statements::give_up_withheld, days(14)},
                                                {&statements::prune_forgotten, days(90)}},
                    std::back_inserter(all));
  return all;
}

}  // namespace micro_sayur::notification_service
