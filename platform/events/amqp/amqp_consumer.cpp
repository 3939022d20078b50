// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/amqp_consumer.hpp"

#include "platform/async/event.hpp"
#include "platform/base/foreign_text.hpp"
#include "platform/events/amqp/inbox.hpp"
#include "platform/events/amqp/reconnecting_thread.hpp"

#include <atomic>
#include <deque>
#include <map>

namespace micro_sayur::events::amqp {
namespace {

namespace this_coro = boost::asio::this_coro;
using time_point = std::chrono::steady_clock::time_point;

constexpr amqp_channel_t dead_letter_channel = 2;
constexpr std::size_t max_reason_bytes = 1'000;
constexpr std::string_view consumer_tag = "consumer";

class amqp_consumer final : public consumer {
 public:
  amqp_consumer(async::executor where, connection_parameters parameters, topology wanted, consumer_settings settings)
      : where_(where),
        settings_(settings),
        topology_(wanted),
        thread_(std::move(parameters), {.declare = [wanted](connection& on) { on.declare(wanted, main_channel); },
                                        .serve = [this](connection& on) { serve(on); },
                                        .disconnected = [this] { forget_connection(); },
                                        .tick = [this] { return tick(); },
                                        .ended = [this] { end(); }}) {}

  ~amqp_consumer() override {
    if (inbox_) inbox_->detach();
  }

  void start(handler to) override {
    inbox_ = std::make_shared<inbox>(where_, std::move(to));
    inbox_->attach([this] { thread_.wake(); });
    thread_.start();
  }

  void pause() override { want_deliveries(false); }
  void resume() override { want_deliveries(true); }

  async::task<> stop() override {
    if (!inbox_ || stopping_) co_return;
    stopped_.emplace(co_await this_coro::executor);
    stopping_ = true;
    thread_.wake();
    co_await stopped_->wait();
  }

  std::string_view system() const override { return "rabbitmq"; }
  bool connected() const override { return thread_.connected(); }
  std::string fault() const override { return thread_.fault(); }

 private:
  void want_deliveries(bool wanted) {
    paused_ = !wanted;
    thread_.wake();
  }

  // What follows runs on the thread.

  void serve(connection& on) {
    ++connection_;
    subscribed_ = false;
    next_dead_letter_ = 1;
    on.open_channel(dead_letter_channel);
    on.confirm_select(dead_letter_channel);
    amqp_basic_qos(on.native(), main_channel, 0, settings_.prefetch, 0);
    on.check_last("limit the prefetch");
    while (!thread_.stopping()) {
      subscribe_as_wanted(on);
      settle_all(on);
      requeue_due(on);
      read(on);
      if (stopping_ && all_settled()) return on.close();
      thread_.wait(&on, retries_.empty() ? time_point::max() : retries_.begin()->first);
    }
  }

  bool wants_deliveries() const { return !paused_ && !stopping_; }

  bool all_settled() const { return inbox_->open() == 0 && retries_.empty() && dead_letters_.empty(); }

  void subscribe_as_wanted(connection& on) {
    if (wants_deliveries() == subscribed_) return;
    subscribed_ = !subscribed_;
    if (subscribed_)
      amqp_basic_consume(on.native(), main_channel, to_bytes(topology_.queue), to_bytes(consumer_tag), 0, 0, 0, amqp_empty_table);
    else
      amqp_basic_cancel(on.native(), main_channel, to_bytes(consumer_tag));
    on.check_last(subscribed_ ? "subscribe" : "cancel the subscription");
  }

  void read(connection& on) {
    while (const auto frame = on.next_frame()) {
      if (frame->frame_type != AMQP_FRAME_METHOD) continue;
      const auto& method = frame->payload.method;
      switch (method.id) {
        case AMQP_BASIC_DELIVER_METHOD: take_delivery(on, *static_cast<amqp_basic_deliver_t*>(method.decoded)); break;
        case AMQP_BASIC_CANCEL_METHOD: throw connection_error("the broker ended the subscription");
        case AMQP_BASIC_ACK_METHOD: {
          const auto* ack = static_cast<amqp_basic_ack_t*>(method.decoded);
          dead_letters_settled(on, ack->delivery_tag, ack->multiple != 0, true);
          break;
        }
        case AMQP_BASIC_NACK_METHOD: {
          const auto* nack = static_cast<amqp_basic_nack_t*>(method.decoded);
          dead_letters_settled(on, nack->delivery_tag, nack->multiple != 0, false);
          break;
        }
        // The dead-letter queue has gone: the connection is made anew, which declares it again.
        case AMQP_BASIC_RETURN_METHOD: throw connection_error("a dead letter was unroutable");
        default: break;
      }
    }
    on.release_buffers();
  }

  void take_delivery(connection& on, const amqp_basic_deliver_t& what) {
    received made{.connection = connection_, .tag = what.delivery_tag, .original = {}, .redelivered = what.redelivered != 0};
    made.original.routing_key = to_view(what.routing_key);
    amqp_message_t content;
    on.read_message(main_channel, content);
    made.original.body = to_view(content.body);
    made.original.id = to_view(content.properties.message_id);
    made.original.headers = text_headers(content.properties);
    amqp_destroy_message(&content);
    if (wants_deliveries())
      inbox_->hand_over(std::move(made));
    else
      requeue(on, made.tag);
  }

  void settle_all(connection& on) {
    for (auto& [of, decided] : inbox_->take_settled()) {
      if (of.connection != connection_) continue;  // the broker has put it back into the queue
      switch (decided.what) {
        case disposition::kind::acknowledge: acknowledge(on, of.tag); break;
        case disposition::kind::dead_letter: set_aside(on, std::move(of), decided.reason); break;
        case disposition::kind::retry: retries_.emplace(std::chrono::steady_clock::now() + settings_.retry_delay, of.tag); break;
      }
    }
  }

  void acknowledge(connection& on, std::uint64_t tag) { on.check(amqp_basic_ack(on.native(), main_channel, tag, 0), "acknowledge"); }
  void requeue(connection& on, std::uint64_t tag) { on.check(amqp_basic_nack(on.native(), main_channel, tag, 0, 1), "requeue"); }

  void set_aside(connection& on, received what, const std::string& reason) {
    message letter = std::move(what.original);
    letter.exchange = topology_.dead_letter_exchange();
    letter.headers.emplace_back("x-original-routing-key", std::exchange(letter.routing_key, topology_.queue));
    letter.headers.emplace_back("x-reason", foreign_text(reason, max_reason_bytes));
    dead_letters_.emplace(next_dead_letter_++, what.tag);
    send(on, dead_letter_channel, letter);
  }

  void dead_letters_settled(connection& on, std::uint64_t number, bool multiple, bool taken) {
    const auto first = multiple ? dead_letters_.begin() : dead_letters_.find(number);
    const auto last = dead_letters_.upper_bound(number);
    for (auto each = first; each != last && each != dead_letters_.end(); each = dead_letters_.erase(each)) {
      if (taken)
        acknowledge(on, each->second);
      else
        retries_.emplace(std::chrono::steady_clock::now() + settings_.retry_delay, each->second);
    }
  }

  /// When stopping, everything is due.
  void requeue_due(connection& on) {
    const auto now = std::chrono::steady_clock::now();
    while (!retries_.empty() && (stopping_ || retries_.begin()->first <= now)) {
      requeue(on, retries_.begin()->second);
      retries_.erase(retries_.begin());
    }
  }

  /// Unsettled deliveries return to the queue by themselves.
  void forget_connection() {
    retries_.clear();
    dead_letters_.clear();
  }

  /// Without a connection nothing can be settled. True when the consumer is stopping and no handler runs.
  bool tick() {
    inbox_->take_settled();
    return stopping_ && inbox_->open() == 0;
  }

  void end() {
    if (stopping_) stopped_->set_value(true);
  }

  const async::executor where_;
  const consumer_settings settings_;
  const topology topology_;
  std::shared_ptr<inbox> inbox_;
  std::optional<async::one_shot<bool>> stopped_;  ///< set before `stopping_`
  std::atomic<bool> paused_ = false;
  std::atomic<bool> stopping_ = false;

  // Of the thread alone.
  std::uint64_t connection_ = 0;
  bool subscribed_ = false;
  std::multimap<time_point, std::uint64_t> retries_;     ///< when to put back which tag
  std::map<std::uint64_t, std::uint64_t> dead_letters_;  ///< number on its channel -> tag to acknowledge
  std::uint64_t next_dead_letter_ = 1;

  reconnecting_thread thread_;  // last: its destructor joins the thread that uses the rest
};

}  // namespace

std::unique_ptr<consumer> make_consumer(async::executor where, connection_parameters parameters, topology wanted,
                                        consumer_settings settings) {
  return std::make_unique<amqp_consumer>(where, std::move(parameters), std::move(wanted), settings);
}

}  // namespace micro_sayur::events::amqp
