// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/otlp/span_queue.hpp"

#include <algorithm>
#include <iterator>
#include <new>

namespace micro_sayur::telemetry {

void span_queue::take(span_data ended) noexcept {
  const std::lock_guard lock(mutex_);
  try {
    if (closed_ || waiting_.size() >= limit_) throw std::bad_alloc();
    waiting_.push_back(std::move(ended));
  } catch (const std::bad_alloc&) {
    ++dropped_;
    return;
  }
  if (waiting_.size() == batch_) wake_.notify_one();
}

std::vector<span_data> span_queue::next_batch(std::chrono::milliseconds longest_wait) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, longest_wait, [this] { return closed_ || waiting_.size() >= batch_; });
  const auto end = waiting_.begin() + std::min<std::ptrdiff_t>(std::ssize(waiting_), static_cast<std::ptrdiff_t>(batch_));
  std::vector<span_data> batch(std::move_iterator(waiting_.begin()), std::move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

void span_queue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wake_.notify_all();
}

bool span_queue::wait_until_closed(std::chrono::milliseconds longest_wait) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, longest_wait, [this] { return closed_; });
}

std::uint64_t span_queue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace micro_sayur::telemetry
