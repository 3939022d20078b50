// SPDX-License-Identifier: Apache-2.0
#include "platform/async/offload_pool.hpp"

namespace micro_sayur::async {

offload_pool::offload_pool(std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) threads_.emplace_back([this] { work_until_stopped(); });
}

offload_pool::~offload_pool() {
  std::deque<job> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  wake_.notify_all();
  for (auto& work : dropped) work(true);
}

std::size_t offload_pool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void offload_pool::submit(job work) {
  {
    const std::lock_guard lock(mutex_);
    // A waiting thread takes one job without its counting as queued, so a limit of 0 still lets idle threads work.
    if (stopping_ || queue_.size() >= queue_limit_ + idle_) throw overloaded("too much work is waiting");
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
}

void offload_pool::work_until_stopped() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work(false);
    work = nullptr;
    lock.lock();
  }
}

}  // namespace micro_sayur::async
