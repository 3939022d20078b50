// SPDX-License-Identifier: Apache-2.0
// Publishes what lies in the outbox.
#pragma once

#include "platform/async/backoff.hpp"
#include "platform/async/task_group.hpp"
#include "platform/base/system.hpp"
#include "platform/events/outbox.hpp"
#include "platform/events/transport.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/telemetry/tracing/tracer.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace micro_sayur::events {

/// What finds an event in logs again.
struct relayed_event {
  uuid id;
  std::string type;
  std::string request_id;
  std::string traceparent;
};

struct relay_settings {
  std::string_view destination{};           ///< the exchange, for spans; static storage
  std::int64_t batch = 64;                  ///< events claimed at once
  std::size_t batches_at_once = 8;          ///< batches that await their outcome
  std::chrono::milliseconds lease{10'000};  ///< longer than the publisher's deadline, so that another relay waits for our outcome
  std::chrono::milliseconds poll{1'000};    ///< how often it looks without a `wake`
  std::chrono::milliseconds longest_retry{5'000};
  std::span<const std::string_view> types{};  ///< whose counters are there from the start, at 0: a rate misses the first event of another
  std::function<void(const relayed_event&)> on_published{};  ///< of each event that the transport confirmed; may be empty
};

/// Several relays may work on one outbox: each event is claimed by one of them at a time, and published again only when its outcome
/// is not known or its relay died. Used on `where` only, but for `wake`. Metrics: sayur_outbox_events, sayur_outbox_oldest_age_seconds,
/// sayur_outbox_unconfirmed_events, sayur_outbox_published_total{type}, sayur_outbox_publish_failures_total{outcome}.
class relay {
 public:
  /// What is given by reference must outlive the relay.
  relay(async::executor where, outbox from, publisher& to, telemetry::metrics& metrics, const telemetry::tracer& tracer,
        relay_settings settings);
  ~relay();

  void start();

  /// Call it after each commit that left events in the outbox. Thread-safe, cheap.
  void wake();

  /// How long the oldest event has waited, as of the last look, which is at most a few seconds ago. Thread-safe.
  std::chrono::seconds oldest_age() const { return std::chrono::seconds(oldest_seconds_.load()); }

  /// Claims nothing further and waits for the outcomes that are open.
  async::task<> stop();

 private:
  async::task<> claim_forever();
  async::task<> wait_for_work(std::chrono::steady_clock::duration at_most);
  async::task<> wait_for_place();
  void start_batch(claimed_events batch);
  void tell_unreadable(const std::vector<uuid>& ids);
  async::task<> publish_batch(claimed_events batch);
  std::vector<telemetry::span> begin_spans(std::vector<cloud_event>& events) const;
  void tell(const std::vector<relayed_event>& events, const std::vector<publish_outcome>& outcomes);
  prometheus::Counter& published_counter(const std::string& type);
  async::task<> settle(std::vector<uuid> confirmed, std::vector<uuid> failed, timestamp lease);
  async::task<> watch_backlog();

  struct wake_state;

  const async::executor where_;
  outbox outbox_;
  publisher& to_;
  const relay_settings settings_;
  prometheus::Gauge& pending_;
  prometheus::Gauge& oldest_age_;
  telemetry::metrics& metrics_;
  const telemetry::tracer& tracer_;
  prometheus::Gauge& outstanding_;
  std::map<std::string, prometheus::Counter*> published_;  ///< by type, once there was one
  std::array<prometheus::Counter*, 3> failures_;           ///< by failure_outcomes
  prometheus::Counter& unreadable_;
  std::shared_ptr<wake_state> wake_;
  async::event place_free_;
  async::task_group claims_;
  async::task_group batches_;
  async::task_group watch_;
  std::size_t open_batches_ = 0;
  async::backoff publish_retry_;
  std::atomic<std::int64_t> oldest_seconds_ = 0;
  bool stopping_ = false;
};

}  // namespace micro_sayur::events
