// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/group.hpp"

#include <algorithm>

namespace micro_sayur::sql::postgres {
namespace {

using namespace std::chrono_literals;

/// A short outage (a restart behind a load balancer, a fail-over of sessions) is waited out; a longer one is reported at once.
constexpr auto outage_patience = 500ms;

template <typename Error>
std::exception_ptr failure(const std::string& message) {
  return std::make_exception_ptr(Error(message));
}

}  // namespace

group::group(async::executor where, std::shared_ptr<const settings> with, std::shared_ptr<common_knowledge> known, access mode,
             std::size_t connections, std::size_t depth, std::size_t queue_limit)
    : depth_(depth), queue_limit_(queue_limit), idle_(where), alarm_(where, [this] { look_at_deadlines(); }), tasks_(where) {
  for (std::size_t i = 0; i < connections; ++i)
    lines_.push_back(std::make_shared<connection>(where, with, known, mode, [this] { changed(); }));
}

void group::start() {
  for (const auto& line : lines_) tasks_.spawn("PostgreSQL connection", [line, self = shared_from_this()] { return line->run(); });
}

void group::leave_standbys() {
  for (const auto& each : lines_)
    if (each->is_at_standby()) each->leave("another server takes the writes");
}

void group::leave_older(time_point opened_at, const std::string& reason) {
  for (const auto& each : lines_)
    if (each->opened_at() <= opened_at) each->leave(reason);
}

void group::wait_for_room(waiter who) {
  if (closing_) return who.fail(failure<unavailable>("the database is closed"));
  if (waiting_.empty())
    if (const auto room = find_room()) {
      who.serve(room);
      return publish_state();
    }
  const bool ready = is_ready();
  const auto now = std::chrono::steady_clock::now();
  if (!ready && now >= outage_began_ + outage_patience) return who.fail(failure<unavailable>(fault()));
  if (waiting_.size() >= queue_limit_) return who.fail(failure<overloaded>("too many calls wait for a connection"));
  alarm_.at(ready ? who.deadline : std::min(who.deadline, outage_began_ + outage_patience));
  waiting_.push_back(std::move(who));
  publish_state();
}

void group::lend(connection& which) { which.lend(); }

void group::give_back(connection& which) {
  which.give_back();
  changed();
}

async::task<> group::close(std::chrono::milliseconds patience) {
  closing_ = true;
  fail_waiters(failure<unavailable>("the database is closed"));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (any_busy()) {
    idle_.reset();
    if (!co_await idle_.wait_until(deadline)) break;
  }
  tasks_.cancel();
  co_await tasks_.join();
  publish_state();
}

pool_state group::state() const {
  constexpr auto order = std::memory_order_relaxed;
  return {ready_count_.load(order), busy_count_.load(order), waiting_count_.load(order)};
}

void group::changed() {
  const bool ready = is_ready();
  if (was_ready_ && !ready) {
    outage_began_ = std::chrono::steady_clock::now();
    if (!waiting_.empty()) alarm_.at(outage_began_ + outage_patience);
  }
  const bool moved = std::ranges::count_if(lines_, [](const auto& one) { return one->is_ready() && one->may_have_moved(); }) > 0;
  if (ready && !std::exchange(was_ready_, ready)) tell_ready_(std::exchange(has_been_ready_, true) && moved);
  was_ready_ = ready;
  for (const auto& each : lines_)
    if (const auto opened_at = each->learned_of_demotion()) tell_demotion_(*opened_at);
  serve_waiters();
  if (!any_busy()) idle_.set();
  publish_state();
}

void group::serve_waiters() {
  while (!waiting_.empty()) {
    const auto room = find_room();
    if (!room) return;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    next.serve(room);
  }
}

std::shared_ptr<connection> group::find_room() const {
  std::shared_ptr<connection> best;
  for (const auto& candidate : lines_) {
    if (candidate->is_lent() || !candidate->is_ready() || candidate->in_flight() >= depth_) continue;
    if (!best || candidate->in_flight() < best->in_flight()) best = candidate;
  }
  return best;
}

bool group::is_ready() const {
  return std::ranges::any_of(lines_, [](const auto& one) { return one->is_ready(); });
}

bool group::any_busy() const {
  return std::ranges::any_of(lines_, [](const auto& one) { return one->is_lent() || one->in_flight() > 0; });
}

std::string group::fault() const {
  const auto faulty = std::ranges::find_if(lines_, [](const auto& one) { return !one->fault().empty(); });
  return faulty == lines_.end() ? "no connection" : (*faulty)->fault();
}

void group::look_at_deadlines() {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& one : lines_) alarm_.at(one->expire(now));
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    auto late = std::move(waiting_.front());
    waiting_.pop_front();
    late.fail(failure<timed_out>("no connection became free before the deadline"));
  }
  if (!is_ready() && now >= outage_began_ + outage_patience) fail_waiters(failure<unavailable>(fault()));
  if (!waiting_.empty()) alarm_.at(is_ready() ? waiting_.front().deadline : outage_began_ + outage_patience);
  publish_state();
}

void group::fail_waiters(const std::exception_ptr& error) {
  for (auto& who : std::exchange(waiting_, {})) who.fail(error);
}

void group::publish_state() {
  constexpr auto order = std::memory_order_relaxed;
  ready_count_.store(static_cast<std::size_t>(std::ranges::count_if(lines_, [](const auto& one) { return one->is_ready(); })), order);
  busy_count_.store(
      static_cast<std::size_t>(std::ranges::count_if(lines_, [](const auto& one) { return one->is_lent() || one->in_flight() > 0; })),
      order);
  waiting_count_.store(waiting_.size(), order);
}

}  // namespace micro_sayur::sql::postgres
