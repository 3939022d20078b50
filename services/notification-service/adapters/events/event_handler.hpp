// SPDX-License-Identifier: Apache-2.0
// The boundary at which events arrive: each is stored before it is acknowledged, logged once and counted.
#pragma once

#include "notification-service/app/receive_event.hpp"
#include "platform/events/transport.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/telemetry/tracing/tracer.hpp"

#include <functional>
#include <string_view>

namespace micro_sayur::notification_service {

/// Where events come from, in spans. Static storage.
struct event_origin {
  std::string_view system;  ///< messaging.system
  std::string_view queue;
};

/// Metrics: sayur_events_received_total{type, outcome}, sayur_event_lag_seconds (from the time of an event until it is in the inbox) and
/// sayur_events_dead_lettered_total.
class event_handler {
 public:
  /// What takes a read event: receive_event, but for tests.
  using intake = std::function<async::task<receive_outcome>(incoming_event)>;

  /// What is given by reference must outlive this.
  event_handler(intake take, event_origin where, const telemetry::logger& log, telemetry::metrics& metrics, const telemetry::tracer& tracer,
                const clock_source& clock);

  /// Acknowledges what is stored, was stored before, or mails nothing; dead-letters what is no event, and what fails of itself for
  /// the second time; has everything else come again.
  async::task<events::disposition> operator()(events::delivery what);

 private:
  struct verdict {
    events::disposition disposition;
    std::string_view outcome;
    std::string error = {};
  };

  telemetry::span begin_span(incoming_event& event) const;
  async::task<verdict> take(incoming_event event, bool redelivered);
  void observe_lag(const incoming_event& event);
  void record(const incoming_event& event, const verdict& reached, std::chrono::steady_clock::duration took);

  const intake take_;
  const event_origin where_;
  const telemetry::logger& log_;
  telemetry::metrics& metrics_;
  const telemetry::tracer& tracer_;
  const clock_source& clock_;
  prometheus::Counter& dead_letters_;
  telemetry::latency& lag_;
};

}  // namespace micro_sayur::notification_service
