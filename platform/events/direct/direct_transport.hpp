// SPDX-License-Identifier: Apache-2.0
// The transport inside one process: publishing an event is awaiting its handler. Nothing is stored here, so nothing can be lost
// here: what was not handled keeps its place in the publisher's outbox.
#pragma once

#include "platform/async/event.hpp"
#include "platform/events/transport.hpp"

#include <chrono>
#include <string_view>

namespace micro_sayur::events {

struct direct_settings {
  std::size_t max_waiting_events = 10'000;
  std::chrono::milliseconds deadline{5'000};     ///< of one `publish`: waiting for a consumer, and handlers that retry
  std::chrono::milliseconds retry_delay{1'000};  ///< between a handler's `retry` and the next delivery
  /// Told of each dead letter, whose event then counts as confirmed.
  std::function<void(const delivery&, std::string_view reason)> on_dead_letter = [](const delivery&, std::string_view) {};
};

/// Both ends. Used on `where` only, also for publishing.
class direct_transport final : public publisher, public consumer {
 public:
  explicit direct_transport(async::executor where, direct_settings settings = {});

  async::task<std::vector<publish_outcome>> publish(std::vector<cloud_event> events) override;
  async::task<> close() override;

  void start(handler to) override;
  void pause() override;
  void resume() override;
  async::task<> stop() override;

  std::string_view system() const override { return "in_process"; }
  bool connected() const override { return true; }
  std::string fault() const override { return {}; }

 private:
  using time_point = std::chrono::steady_clock::time_point;

  async::task<publish_outcome> deliver(cloud_event event, time_point deadline);
  async::task<disposition> handle(delivery what);

  direct_settings settings_;
  handler handler_;
  async::event open_;  ///< set while deliveries are taken
  async::event idle_;  ///< set while no handler runs
  std::size_t running_ = 0;
  std::size_t waiting_events_ = 0;
  bool stopped_ = false;
};

}  // namespace micro_sayur::events
