// SPDX-License-Identifier: Apache-2.0
#include "platform/async/turns.hpp"

namespace micro_sayur::async {

task<turns::turn> turns::take(std::string key) {
  const one_shot<bool> ours(co_await boost::asio::this_coro::executor);
  const auto was_called = std::make_shared<bool>(false);
  waiters::iterator place;
  {
    const std::lock_guard lock(mutex_);
    const auto [line, is_free] = lines_.try_emplace(key);
    if (is_free) co_return hold(std::move(key));
    if (line->second.size() >= most_waiting_) co_return nullptr;
    place = line->second.insert(line->second.end(), {ours, was_called});
  }
  std::exception_ptr cancelled;
  try {
    co_await ours.wait();
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (!cancelled) co_return hold(std::move(key));
  std::unique_lock lock(mutex_);
  const bool must_pass_on = *was_called;
  if (!must_pass_on) lines_.find(key)->second.erase(place);
  lock.unlock();
  if (must_pass_on) pass_on(key);
  std::rethrow_exception(cancelled);
}

turns::turn turns::hold(std::string key) {
  // The pointer is never used; it only has to be one.
  return {static_cast<void*>(this), [this, key = std::move(key)](void*) { pass_on(key); }};
}

void turns::pass_on(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto line = lines_.find(key);
  if (line->second.empty()) {
    lines_.erase(line);
    return;
  }
  const auto next = std::move(line->second.front());
  line->second.pop_front();
  *next.was_called = true;
  next.ready.set_value(true);
}

}  // namespace micro_sayur::async
