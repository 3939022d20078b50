// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/inbox.hpp"

#include "platform/async/runtime.hpp"

namespace micro_sayur::events::amqp {

void inbox::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void inbox::detach() {
  attach([] {});
}

void inbox::hand_over(received what) {
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  async::spawn(where_, "event handler",
               [self = shared_from_this(), what = std::move(what)]() mutable { return self->handle(std::move(what)); });
}

async::task<> inbox::handle(received what) {
  const auto self = shared_from_this();
  disposition decided = disposition::retry();
  try {
    decided = co_await handler_({.routing_key = what.original.routing_key, .body = what.original.body, .redelivered = what.redelivered});
  } catch (const std::exception&) {
    async::report_background_failure("event handler", std::current_exception());
  }
  settle({.of = std::move(what), .decided = std::move(decided)});
}

void inbox::settle(settlement done) {
  const std::lock_guard lock(mutex_);
  --running_;
  settled_.push_back(std::move(done));
  wake_();
}

std::vector<settlement> inbox::take_settled() {
  const std::lock_guard lock(mutex_);
  return std::exchange(settled_, {});
}

std::size_t inbox::open() const {
  const std::lock_guard lock(mutex_);
  return running_ + settled_.size();
}

}  // namespace micro_sayur::events::amqp
