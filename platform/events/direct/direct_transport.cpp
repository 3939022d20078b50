// SPDX-License-Identifier: Apache-2.0
#include "platform/events/direct/direct_transport.hpp"

#include "platform/async/offload_pool.hpp"
#include "platform/async/runtime.hpp"

namespace micro_sayur::events {
namespace {

/// Adds to a counter for as long as it lives, also when the coroutine that holds it is cancelled.
class counted {
 public:
  counted(std::size_t& counter, std::size_t amount) : counter_(counter), amount_(amount) { counter_ += amount_; }
  ~counted() { counter_ -= amount_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

 private:
  std::size_t& counter_;
  std::size_t amount_;
};

}  // namespace

direct_transport::direct_transport(async::executor where, direct_settings settings)
    : settings_(std::move(settings)), open_(where), idle_(where) {
  idle_.set();
}

async::task<std::vector<publish_outcome>> direct_transport::publish(std::vector<cloud_event> events) {
  if (waiting_events_ + events.size() > settings_.max_waiting_events) throw async::overloaded("too many events wait for their handler");
  const counted waiting(waiting_events_, events.size());
  const auto deadline = std::chrono::steady_clock::now() + settings_.deadline;
  std::vector<publish_outcome> outcomes;
  outcomes.reserve(events.size());
  for (auto& event : events) {
    const auto outcome = co_await deliver(std::move(event), deadline);
    outcomes.push_back(outcome);
  }
  co_return outcomes;
}

async::task<publish_outcome> direct_transport::deliver(cloud_event event, time_point deadline) {
  const std::string body = to_json(event);
  for (bool again = false;; again = true) {
    const bool open = co_await open_.wait_until(deadline);
    if (!open || stopped_) co_return publish_outcome::unknown;
    delivery what{.routing_key = event.type, .body = body, .redelivered = again};
    const disposition decided = co_await handle(what);
    switch (decided.what) {
      case disposition::kind::acknowledge: co_return publish_outcome::confirmed;
      case disposition::kind::dead_letter: settings_.on_dead_letter(what, decided.reason); co_return publish_outcome::confirmed;
      case disposition::kind::retry: break;
    }
    if (stopped_ || std::chrono::steady_clock::now() + settings_.retry_delay >= deadline) co_return publish_outcome::refused;
    co_await async::sleep_for(settings_.retry_delay);
  }
}

async::task<disposition> direct_transport::handle(delivery what) {
  struct running {
    direct_transport& self;
    explicit running(direct_transport& self_) : self(self_) {
      ++self.running_;
      self.idle_.reset();
    }
    ~running() {
      if (--self.running_ == 0) self.idle_.set();
    }
    running(const running&) = delete;
    running& operator=(const running&) = delete;
  } const counted_here(*this);
  try {
    co_return co_await handler_(std::move(what));
  } catch (const std::exception&) {
    async::report_background_failure("event handler", std::current_exception());
  }
  co_return disposition::retry();
}

async::task<> direct_transport::close() { co_await idle_.wait(); }

void direct_transport::start(handler to) {
  handler_ = std::move(to);
  open_.set();
}

void direct_transport::pause() {
  if (!stopped_) open_.reset();
}

void direct_transport::resume() {
  if (handler_) open_.set();
}

async::task<> direct_transport::stop() {
  stopped_ = true;
  open_.set();  // those that wait for a consumer need wait no longer
  co_await idle_.wait();
}

}  // namespace micro_sayur::events
