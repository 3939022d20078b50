// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/telemetry/log.hpp"
#include "platform/telemetry/metrics.hpp"
#include "user-service/ports/security_log.hpp"

#include <map>

namespace micro_sayur::user_service {

/// A line of the log under the message "security event".
void log_security_event(const telemetry::logger& log, std::string_view event, std::optional<uuid> account_id, const origin& from,
                        std::string_view detail);

/// A line of the service's log each, and the metric sayur_security_events_total{event}.
class security_telemetry final : public security_log {
 public:
  /// What is given by reference outlives this.
  security_telemetry(const telemetry::logger& log, telemetry::metrics& metrics);

  void record(std::string_view event, std::optional<uuid> account_id, const origin& from, std::string_view detail) override;

 private:
  const telemetry::logger& log_;
  std::map<std::string_view, prometheus::Counter*> counts_;
};

}  // namespace micro_sayur::user_service
