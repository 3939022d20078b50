// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/readers.hpp"

#include <boost/asio/this_coro.hpp>

namespace micro_sayur::sql::sqlite {

readers::readers(const std::filesystem::path& file, std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
    connections_.push_back(std::make_unique<connection>(file, access::read_only));
  for (const auto& one : connections_) threads_.emplace_back([this, &one] { serve(*one); });
}

async::task<result> readers::query(call what, time_point deadline) {
  const async::one_shot<result> reply(co_await boost::asio::this_coro::executor);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) throw unavailable("the database is closed");
    if (waiting_.size() >= queue_limit_) throw overloaded("too many calls wait for a reader");
    waiting_.push_back({std::move(what), deadline, reply});
  }
  wake_.notify_one();
  co_return co_await reply.wait();
}

void readers::stop() {
  std::deque<job> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  wake_.notify_all();
  for (const auto& one : dropped) one.reply.set_error(std::make_exception_ptr(unavailable("the database is closed")));
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

pool_state readers::state() const {
  const std::lock_guard lock(mutex_);
  return {connections_.size(), busy_, waiting_.size()};
}

void readers::serve(connection& with) {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    ++busy_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      if (std::chrono::steady_clock::now() >= next.deadline) throw timed_out("no reader became free before the deadline");
      next.reply.set_value(with.run(next.what, next.deadline));
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) next.reply.set_error(std::move(failure));
    lock.lock();
    --busy_;
  }
}

}  // namespace micro_sayur::sql::sqlite
