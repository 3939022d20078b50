// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/ports/delivery_observer.hpp"
#include "platform/base/system.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/telemetry/tracing/tracer.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace micro_sayur::notification_service {

/// One log line and one span an attempt (no span when it is withheld), and the metrics sayur_notification_attempts_total{template,
/// outcome}, sayur_notification_delivery_seconds{template} (from the time of the event, which is that of its commit, to the mail server's
/// 250; not of what was released: its time is an operator's) and sayur_mail_server_up. Used on one core.
class delivery_telemetry final : public delivery_observer {
 public:
  /// What is given by reference must outlive this.
  delivery_telemetry(const telemetry::logger& log, telemetry::metrics& metrics, const telemetry::tracer& tracer, const clock_source& clock);

  void attempt_ended(const notification& what, const delivery_outcome& outcome, std::chrono::steady_clock::duration took) override;
  void outcome_lost(const uuid& notification_id, std::string_view reason) override;
  void mail_server_lost(std::string_view reason) override;
  void mail_server_found() override;

 private:
  void trace(const notification& what, const delivery_outcome& outcome, std::chrono::steady_clock::duration took) const;

  const telemetry::logger& log_;
  const telemetry::tracer& tracer_;
  const clock_source& clock_;
  std::map<std::pair<notification_kind, delivery_outcome::kind>, prometheus::Counter*> attempts_;
  std::map<notification_kind, telemetry::latency*> latencies_;
  prometheus::Gauge& server_up_;
};

/// What a mail server said, fit for a log: words that hold an address or a link, of which servers quote some, become "…".
std::string without_private_words(std::string_view said);

}  // namespace micro_sayur::notification_service
