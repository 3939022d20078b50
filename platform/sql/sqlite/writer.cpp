// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/writer.hpp"

#include "platform/sql/sqlite/transaction.hpp"

#include <boost/asio/this_coro.hpp>

namespace micro_sayur::sql::sqlite {
namespace {

/// Batches that share one commit: what is written waits for one fsync instead of for one each.
constexpr std::size_t most_batches_together = 64;

std::exception_ptr closed() { return std::make_exception_ptr(unavailable("the database is closed")); }
std::exception_ptr late() { return std::make_exception_ptr(timed_out("the writer did not become free before the deadline")); }

results run_all(connection& with, const std::vector<call>& calls, time_point deadline) {
  results answers;
  for (const auto& one : calls) answers.push_back(with.run(one, deadline));
  return answers;
}

}  // namespace

writer::writer(const std::filesystem::path& file, std::size_t queue_limit, std::chrono::milliseconds call_timeout)
    : queue_limit_(queue_limit), call_timeout_(call_timeout), connection_(file, access::read_write), thread_([this] { serve(); }) {}

async::task<results> writer::execute(std::vector<call> calls) {
  const async::one_shot<results> reply(co_await boost::asio::this_coro::executor);
  enqueue(batch{std::move(calls), deadline(), reply});
  co_return co_await reply.wait();
}

async::task<std::unique_ptr<transaction>> writer::begin() {
  const async::one_shot<std::unique_ptr<transaction>> reply(co_await boost::asio::this_coro::executor);
  enqueue(opening{deadline(), reply});
  co_return co_await reply.wait();
}

void writer::enqueue(job what) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) throw unavailable("the database is closed");
    if (waiting_.size() >= queue_limit_) throw overloaded("too many calls wait for the writer");
    waiting_.push_back(std::move(what));
  }
  wake_.notify_one();
}

void writer::submit(lease& to, std::move_only_function<void(connection&)> job) {
  {
    const std::lock_guard lock(mutex_);
    if (to.over) throw unavailable("the database is closed");
    to.jobs.push_back(std::move(job));
  }
  wake_.notify_one();
}

void writer::end(lease& which) {
  {
    const std::lock_guard lock(mutex_);
    which.over = true;
  }
  wake_.notify_one();
}

void writer::stop() {
  std::deque<job> dropped;
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) stop_by_ = deadline();
    stopping_ = true;
    dropped.swap(waiting_);
  }
  wake_.notify_all();
  for (const auto& one : dropped) std::visit([](const auto& what) { what.reply.set_error(closed()); }, one);
  if (thread_.joinable()) thread_.join();
}

pool_state writer::state() const {
  const std::lock_guard lock(mutex_);
  return {1, busy_ ? 1U : 0U, waiting_.size(), connection_.refuses_writes()};
}

void writer::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    busy_ = false;
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    busy_ = true;
    drop_late(std::chrono::steady_clock::now());
    auto batches = take_batches();
    std::optional<opening> next;
    if (batches.empty() && !waiting_.empty()) {
      next = std::move(std::get<opening>(waiting_.front()));
      waiting_.pop_front();
    }
    lock.unlock();
    if (!batches.empty()) run(batches);
    if (next) run_transaction(std::move(*next));
    lock.lock();
  }
}

std::vector<writer::batch> writer::take_batches() {
  std::vector<batch> batches;
  while (!waiting_.empty() && batches.size() < most_batches_together) {
    auto* next = std::get_if<batch>(&waiting_.front());
    if (next == nullptr) break;
    batches.push_back(std::move(*next));
    waiting_.pop_front();
  }
  return batches;
}

void writer::drop_late(time_point now) {
  const auto is_late = [now](const auto& what) { return what.deadline <= now; };
  while (!waiting_.empty() && std::visit(is_late, waiting_.front())) {
    std::visit([](const auto& what) { what.reply.set_error(late()); }, waiting_.front());
    waiting_.pop_front();
  }
}

void writer::run(std::vector<batch>& batches) {
  if (batches.size() > 1 && run_together(batches)) return;
  for (const auto& one : batches) run_alone(one);
}

/// Answers all and returns true, or changes nothing and returns false: some errors end the whole transaction, not just a savepoint.
bool writer::run_together(const std::vector<batch>& batches) {
  std::vector<std::move_only_function<void()>> answers;
  try {
    connection_.run_script("BEGIN IMMEDIATE", batches.front().deadline);
    for (const auto& one : batches) {
      connection_.run_script("SAVEPOINT one");
      try {
        answers.push_back([&one, done = run_all(connection_, one.calls, one.deadline)]() mutable { one.reply.set_value(std::move(done)); });
      } catch (const error&) {
        answers.push_back([&one, failure = std::current_exception()]() mutable { one.reply.set_error(std::move(failure)); });
        connection_.run_script("ROLLBACK TO one");
      }
      connection_.run_script("RELEASE one");
    }
    connection_.run_script("COMMIT");
  } catch (const error&) {
    roll_back();
    return false;
  }
  for (auto& answer : answers) answer();
  return true;
}

void writer::run_alone(const batch& what) {
  std::exception_ptr failure;
  try {
    if (what.deadline <= std::chrono::steady_clock::now()) std::rethrow_exception(late());
    connection_.run_script("BEGIN IMMEDIATE", what.deadline);
    auto answers = run_all(connection_, what.calls, what.deadline);
    connection_.run_script("COMMIT");
    what.reply.set_value(std::move(answers));
  } catch (const error&) {
    failure = std::current_exception();
  }
  if (!failure) return;
  roll_back();
  what.reply.set_error(std::move(failure));
}

void writer::run_transaction(opening what) {
  if (const auto current = hand_out(std::move(what))) {
    serve_lease(*current);
    roll_back();
  }
}

/// By value: a transaction that nobody awaits any more ends with the last copy of the reply, so none may outlive this function.
std::shared_ptr<lease> writer::hand_out(opening what) {
  std::exception_ptr failure;
  try {
    connection_.run_script("BEGIN IMMEDIATE", what.deadline);
  } catch (const error&) {
    failure = std::current_exception();
  }
  if (failure) {
    what.reply.set_error(std::move(failure));
    return nullptr;
  }
  auto current = std::make_shared<lease>();
  what.reply.set_value(make_transaction(*this, current));
  return current;
}

void writer::serve_lease(lease& current) {
  std::unique_lock lock(mutex_);
  while (!current.over) {
    if (!current.jobs.empty()) {
      auto next = std::move(current.jobs.front());
      current.jobs.pop_front();
      lock.unlock();
      next(connection_);
      next = nullptr;
      lock.lock();
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= stop_by_) current.over = true;
    drop_late(now);
    const auto earliest = waiting_.empty() ? stop_by_ : std::visit([](const auto& what) { return what.deadline; }, waiting_.front());
    const auto has_news = [&] { return current.over || !current.jobs.empty() || (waiting_.empty() && stop_by_ < earliest); };
    if (earliest == time_point::max())
      wake_.wait(lock, [&] { return has_news() || stopping_ || !waiting_.empty(); });
    else
      wake_.wait_until(lock, earliest, has_news);
  }
  // Left only by a caller that was cancelled.
  current.jobs.clear();
}

void writer::roll_back() {
  if (connection_.in_transaction()) connection_.run_script("ROLLBACK");
}

}  // namespace micro_sayur::sql::sqlite
