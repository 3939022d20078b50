// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/amqp_publisher.hpp"

#include "platform/async/event.hpp"
#include "platform/async/offload_pool.hpp"
#include "platform/events/amqp/message.hpp"
#include "platform/events/amqp/reconnecting_thread.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>

namespace micro_sayur::events::amqp {
namespace {

namespace this_coro = boost::asio::this_coro;
using time_point = std::chrono::steady_clock::time_point;
using outcomes = std::vector<publish_outcome>;

/// One call of `publish`.
struct job {
  job(async::executor where, std::vector<message> messages_, time_point deadline_)
      : messages(std::move(messages_)),
        results(messages.size(), publish_outcome::unknown),
        open(messages.size()),
        deadline(deadline_),
        reply(where) {}

  std::vector<message> messages;
  outcomes results;
  std::size_t sent = 0;
  std::size_t open;  ///< messages without an outcome
  time_point deadline;
  bool answered = false;
  async::one_shot<outcomes> reply;
};

/// A message that the broker has not confirmed yet.
struct pending {
  std::shared_ptr<job> of;
  std::size_t index;
  bool returned = false;
};

message to_message(const cloud_event& event, const std::string& exchange) {
  message made{.exchange = exchange, .routing_key = event.type, .id = event.id.to_string(), .body = to_json(event), .headers = {}};
  if (!event.traceparent.empty()) made.headers.emplace_back("traceparent", event.traceparent);
  if (!event.request_id.empty()) made.headers.emplace_back("x-request-id", event.request_id);
  return made;
}

class amqp_publisher final : public publisher {
 public:
  amqp_publisher(connection_parameters parameters, std::string exchange, publisher_settings settings)
      : settings_(settings),
        exchange_(std::move(exchange)),
        thread_(std::move(parameters),
                {.declare = [this](connection& on) { on.declare_exchange(exchange_, topology::exchange_type, main_channel); },
                 .serve = [this](connection& on) { serve(on); },
                 .disconnected = [this] { give_up_sent(); },
                 .tick = [this] { return tick(); },
                 .ended = [this] { end(); }}) {
    thread_.start();
  }

  async::task<outcomes> publish(std::vector<cloud_event> events) override {
    if (events.empty()) co_return outcomes{};
    const auto where = co_await this_coro::executor;
    std::vector<message> messages;
    messages.reserve(events.size());
    for (const auto& event : events) messages.push_back(to_message(event, exchange_));
    const auto made = std::make_shared<job>(where, std::move(messages), std::chrono::steady_clock::now() + settings_.deadline);
    submit(made);
    co_return co_await made->reply.wait();
  }

  async::task<> close() override {
    const async::one_shot<bool> ended(co_await this_coro::executor);
    {
      const std::lock_guard lock(mutex_);
      if (ended_) co_return;
      closing_ = ended;
    }
    thread_.wake();
    co_await ended.wait();
  }

  std::string_view system() const override { return "rabbitmq"; }
  bool connected() const override { return thread_.connected(); }
  std::string fault() const override { return thread_.fault(); }

 private:
  void submit(const std::shared_ptr<job>& made) {
    {
      const std::lock_guard lock(mutex_);
      if (closing_ || ended_) throw async::overloaded("the publisher is closed");
      if (waiting_ + made->open > settings_.max_waiting_events) throw async::overloaded("too many events wait for the broker");
      waiting_ += made->open;
      incoming_.push_back(made);
    }
    thread_.wake();
  }

  // What follows runs on the thread.

  void serve(connection& on) {
    on.confirm_select(main_channel);
    next_tag_ = 1;
    while (!thread_.stopping()) {
      const bool closing = take_incoming();
      send_some(on);
      read(on);
      thread_.note_blocked(on);
      expire();
      if (closing && jobs_.empty()) return on.close();
      if (!may_send(on)) thread_.wait(&on, next_deadline());
    }
  }

  /// Without a connection. True when there is nothing to wait for any more.
  bool tick() {
    const bool closing = take_incoming();
    expire();
    return closing;
  }

  /// Returns whether the publisher is closing.
  bool take_incoming() {
    const std::lock_guard lock(mutex_);
    jobs_.insert(jobs_.end(), incoming_.begin(), incoming_.end());
    to_send_.insert(to_send_.end(), incoming_.begin(), incoming_.end());
    incoming_.clear();
    return closing_.has_value();
  }

  bool may_send(const connection& on) const { return !on.blocked() && in_flight_.size() < settings_.window && !to_send_.empty(); }

  /// A few at a time, so that confirms are read between them and neither side waits for the other to read.
  void send_some(connection& on) {
    constexpr std::size_t burst = 64;
    for (std::size_t i = 0; i < burst && may_send(on); ++i) {
      const auto from = to_send_.front();
      const std::size_t index = from->sent++;
      if (from->sent == from->messages.size()) to_send_.pop_front();
      in_flight_.emplace(next_tag_++, pending{.of = from, .index = index});
      send(on, main_channel, from->messages[index]);
    }
  }

  void read(connection& on) {
    while (const auto frame = on.next_frame()) {
      if (frame->frame_type != AMQP_FRAME_METHOD) continue;
      const auto& method = frame->payload.method;
      if (method.id == AMQP_BASIC_ACK_METHOD) {
        const auto* ack = static_cast<amqp_basic_ack_t*>(method.decoded);
        settle(ack->delivery_tag, ack->multiple != 0, publish_outcome::confirmed);
      } else if (method.id == AMQP_BASIC_NACK_METHOD) {
        const auto* nack = static_cast<amqp_basic_nack_t*>(method.decoded);
        settle(nack->delivery_tag, nack->multiple != 0, publish_outcome::refused);
      } else if (method.id == AMQP_BASIC_RETURN_METHOD) {
        take_return(on);
      }
    }
    on.release_buffers();
  }

  /// A message that no queue wants comes back, and is confirmed right after.
  void take_return(connection& on) {
    amqp_message_t returned;
    on.read_message(main_channel, returned);
    const auto id = to_view(returned.properties.message_id);
    const auto found = std::ranges::find_if(in_flight_, [id](const auto& each) {
      const auto& [of, index, was_returned] = each.second;
      return !was_returned && of->messages[index].id == id;
    });
    if (found != in_flight_.end()) found->second.returned = true;
    amqp_destroy_message(&returned);
  }

  void settle(std::uint64_t tag, bool multiple, publish_outcome outcome) {
    const auto first = multiple ? in_flight_.begin() : in_flight_.find(tag);
    const auto last = in_flight_.upper_bound(tag);
    for (auto each = first; each != last && each != in_flight_.end(); each = in_flight_.erase(each)) {
      auto& [of, index, returned] = each->second;
      of->results[index] = returned && outcome == publish_outcome::confirmed ? publish_outcome::unroutable : outcome;
      if (--of->open == 0) answer(of);
    }
    forget_answered();
  }

  void expire() {
    const auto now = std::chrono::steady_clock::now();
    for (const auto& each : jobs_) {
      if (each->deadline > now) break;
      answer(each);
    }
    forget_answered();
  }

  /// The connection is gone: what became of the messages that were sent is unknown. Calls of which nothing was sent wait on.
  void give_up_sent() {
    in_flight_.clear();
    for (const auto& each : jobs_)
      if (each->sent > 0) answer(each);
    forget_answered();
  }

  void end() {
    take_incoming();
    for (const auto& each : jobs_) answer(each);
    jobs_.clear();
    to_send_.clear();
    in_flight_.clear();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    for (const auto& late : incoming_) late->reply.set_value(late->results);
    incoming_.clear();
    if (closing_) closing_->set_value(true);
  }

  void answer(const std::shared_ptr<job>& of) {
    if (std::exchange(of->answered, true)) return;
    {
      const std::lock_guard lock(mutex_);
      waiting_ -= of->messages.size();
    }
    of->reply.set_value(of->results);
  }

  void forget_answered() {
    while (!jobs_.empty() && jobs_.front()->answered) jobs_.pop_front();
    while (!to_send_.empty() && to_send_.front()->answered) to_send_.pop_front();
  }

  time_point next_deadline() const { return jobs_.empty() ? time_point::max() : jobs_.front()->deadline; }

  const publisher_settings settings_;
  const std::string exchange_;

  std::mutex mutex_;
  std::deque<std::shared_ptr<job>> incoming_;
  std::size_t waiting_ = 0;
  std::optional<async::one_shot<bool>> closing_;
  bool ended_ = false;

  // Of the thread alone.
  std::deque<std::shared_ptr<job>> jobs_;     ///< in their order, which is that of their deadlines; the first is not answered
  std::deque<std::shared_ptr<job>> to_send_;  ///< those of which something is not sent; the first is not answered
  std::map<std::uint64_t, pending> in_flight_;
  std::uint64_t next_tag_ = 1;

  reconnecting_thread thread_;  // last: its destructor joins the thread that uses the rest
};

}  // namespace

std::unique_ptr<publisher> make_publisher(connection_parameters parameters, std::string exchange, publisher_settings settings) {
  return std::make_unique<amqp_publisher>(std::move(parameters), std::move(exchange), settings);
}

}  // namespace micro_sayur::events::amqp
