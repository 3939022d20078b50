// SPDX-License-Identifier: Apache-2.0
#include "platform/async/offload_pool.hpp"

namespace micro_sayur::async {

offload_pool::offload_pool(std::size_t threads, std::size_t queue_limit, std::size_t owner_limit, group_of_owner group_of)
    : queue_limit_(queue_limit), owner_limit_(owner_limit), group_of_(group_of) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) threads_.emplace_back([this] { work_until_stopped(); });
}

offload_pool::~offload_pool() {
  fair_queue<job> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    std::swap(dropped, queue_);
  }
  wake_.notify_all();
  while (!dropped.empty()) dropped.pop().work(true);
}

std::size_t offload_pool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void offload_pool::submit(const std::string& owner, std::move_only_function<void(bool)> work) {
  const auto group = group_of_ == nullptr ? owner : group_of_(owner);
  std::optional<job> displaced;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) throw overloaded("the pool is stopping");
    // A waiting thread takes one job without its counting as queued, so a limit of 0 still lets idle threads work.
    if (queue_.size_of(group, owner) >= owner_limit_ + idle_) throw overloaded("too much work of one owner is waiting");
    if (queue_.size() >= queue_limit_ + idle_) {
      displaced = queue_.make_room(group, owner);
      if (!displaced) throw overloaded("too much work is waiting");
    }
    queue_.push(group, owner, job{.work = std::move(work)});
  }
  wake_.notify_one();
  if (displaced) displaced->work(true);
}

void offload_pool::work_until_stopped() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    auto next = queue_.pop();
    lock.unlock();
    tell_wait_(std::chrono::steady_clock::now() - next.queued_at);
    next.work(false);
    next.work = nullptr;
    lock.lock();
  }
}

}  // namespace micro_sayur::async
