// SPDX-License-Identifier: Apache-2.0
// The ports, in memory.
#pragma once

#include "notification-service/ports/delivery_observer.hpp"
#include "notification-service/ports/event_intake.hpp"
#include "notification-service/ports/mail_renderer.hpp"
#include "notification-service/ports/mail_sender.hpp"
#include "notification-service/ports/notification_store.hpp"
#include "platform/base/system.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

namespace micro_sayur::notification_service::test {

using namespace std::chrono_literals;

/// Keeps notifications as the contract of the port says, without attempts' history.
class memory_store final : public notification_store {
 public:
  explicit memory_store(const clock_source& clock) : clock_(clock) {}

  struct row {
    notification what;
    std::optional<timestamp> due_at;
    std::vector<delivery_outcome::kind> outcomes;
  };

  std::map<uuid, row> rows;
  consistency last_wanted;  ///< of the last read
  std::set<std::pair<std::string, uuid>> seen;
  std::set<uuid> forgotten;
  int failing = 0;   ///< so many calls throw
  int releases = 0;  ///< calls of it

  row& only() {
    if (rows.size() != 1) throw std::logic_error("there is not exactly one notification");
    return rows.begin()->second;
  }
  void add(notification what, std::optional<timestamp> due_at) { rows.emplace(what.id, row{what, due_at, {}}); }

  async::task<receive_outcome> receive(event_key event, std::optional<notification> what, std::chrono::microseconds lease) override {
    fail_if_asked();
    if (!seen.emplace(event.source, event.id).second) co_return receive_outcome::duplicate;
    if (what && forgotten.contains(what->user_id)) co_return receive_outcome::forgotten;
    if (what) add(*what, clock_.now() + (what->status == notification_status::sending ? lease : 0us));
    co_return receive_outcome::stored;
  }
  async::task<receive_outcome> forget_user(event_key event, uuid user_id, timestamp) override {
    fail_if_asked();
    if (!seen.emplace(event.source, event.id).second) co_return receive_outcome::duplicate;
    forgotten.insert(user_id);
    for (auto& [id, each] : rows) {
      if (each.what.user_id != user_id) continue;
      each.what.recipient.clear();
      each.what.values.reset();
      each.due_at.reset();
      if (each.what.status != notification_status::sent) each.what.status = notification_status::failed;
    }
    co_return receive_outcome::stored;
  }
  async::task<std::vector<notification>> claim(std::chrono::microseconds lease, std::int64_t limit) override {
    fail_if_asked();
    std::vector<notification> due;
    for (auto& [id, each] : rows) {
      if (!each.due_at || *each.due_at > clock_.now() || std::ssize(due) == limit) continue;
      if (each.what.status == notification_status::sending) ++each.what.failures;
      each.what.status = notification_status::sending;
      ++each.what.attempts;
      each.due_at = clock_.now() + lease;
      due.push_back(each.what);
    }
    co_return due;
  }
  async::task<> finish(attempt_result result) override {
    fail_if_asked();
    auto& each = rows.at(result.id);
    each.outcomes.push_back(result.outcome.what);
    each.what.status = result.status;
    each.what.failures = result.failures;
    each.due_at.reset();
    if (result.retry_after) each.due_at = clock_.now() + *result.retry_after;
    if (result.status == notification_status::sent) each.what.values.reset();
    co_return;
  }
  async::task<std::vector<notification>> list(notification_filter filter) override {
    fail_if_asked();
    last_wanted = filter.wanted;
    std::vector<notification> found;
    for (auto each = rows.rbegin(); each != rows.rend() && std::ssize(found) < filter.limit; ++each) {
      const auto& what = each->second.what;
      const bool fits = (!filter.status || *filter.status == what.status) && (!filter.before || what.id < *filter.before) &&
                        (!filter.recipient || recipient_key(*filter.recipient) == recipient_key(what.recipient));
      if (fits) found.push_back(what);
    }
    co_return found;
  }
  async::task<std::optional<notification_history>> find(uuid id, consistency wanted) override {
    fail_if_asked();
    last_wanted = wanted;
    const auto found = rows.find(id);
    if (found == rows.end()) co_return std::nullopt;
    co_return notification_history{.what = found->second.what, .attempts = {}};
  }
  async::task<std::chrono::seconds> longest_overdue() override { co_return std::chrono::seconds(0); }
  async::task<retry_outcome> retry(uuid id) override {
    const auto found = rows.find(id);
    if (found == rows.end()) co_return retry_outcome::not_found;
    auto& [what, due_at, outcomes] = found->second;
    if (!what.values) co_return retry_outcome::erased;
    if (what.status == notification_status::withheld) co_return retry_outcome::withheld;
    if (what.status != notification_status::failed) co_return retry_outcome::not_failed;
    what.status = notification_status::pending;
    due_at = clock_.now();
    co_return retry_outcome::done;
  }
  async::task<std::int64_t> release(std::vector<uuid> ids) override {
    ++releases;
    std::int64_t released = 0;
    for (const auto& id : ids) {
      auto& [what, due_at, outcomes] = rows.at(id);
      if (what.status != notification_status::withheld) continue;
      what.status = notification_status::pending;
      what.released = true;
      due_at = clock_.now();
      ++released;
    }
    co_return released;
  }

 private:
  void fail_if_asked() {
    if (failing > 0 && failing--) throw std::runtime_error("the store is away");
  }

  const clock_source& clock_;
};

/// Answers with `outcomes`, one a mail, then accepts.
class scripted_sender final : public mail_sender {
 public:
  std::vector<mail> mails;
  std::deque<delivery_outcome> outcomes;
  bool there = true;
  int probes = 0;
  std::chrono::milliseconds patience{0};  ///< of the latest probe
  std::function<async::task<>()> before_answer = []() -> async::task<> { co_return; };

  async::task<delivery_outcome> send(mail what) override {
    mails.push_back(std::move(what));
    co_await before_answer();
    if (outcomes.empty()) co_return delivery_outcome{delivery_outcome::kind::accepted, "250 OK"};
    const auto next = outcomes.front();
    outcomes.pop_front();
    co_return next;
  }
  async::task<reachability> reachable(std::chrono::milliseconds within) override {
    ++probes;
    patience = within;
    co_return reachability{.answers = there, .fault = there ? "" : "away"};
  }
};

class plain_renderer final : public mail_renderer {
 public:
  rendered_mail render(notification_kind kind, locale, const template_values& values) const override {
    if (values.contains("bad")) throw std::logic_error("cannot be rendered");
    return {.subject = std::string(to_string(kind)), .text = "text", .html = "html"};
  }
};

class counting_intake final : public event_intake {
 public:
  int paused = 0;
  int resumed = 0;
  void pause() override { ++paused; }
  void resume() override { ++resumed; }
};

class counting_observer final : public delivery_observer {
 public:
  int attempts = 0;
  std::vector<uuid> lost_outcomes;
  int lost = 0;
  int found = 0;
  void attempt_ended(const notification&, const delivery_outcome&, std::chrono::steady_clock::duration) override { ++attempts; }
  void outcome_lost(const uuid& notification_id, std::string_view) override { lost_outcomes.push_back(notification_id); }
  void mail_server_lost(std::string_view) override { ++lost; }
  void mail_server_found() override { ++found; }
};

}  // namespace micro_sayur::notification_service::test
