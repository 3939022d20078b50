// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/telemetry/log.hpp"
#include "user-service/ports/security_log.hpp"

namespace micro_sayur::user_service {

/// A line of the service's log each, under the message "security event".
class logged_security_events final : public security_log {
 public:
  /// `log` outlives this.
  explicit logged_security_events(const telemetry::logger& log) : log_(log) {}

  void record(std::string_view event, std::optional<uuid> account_id, const origin& from, std::string_view detail) override;

 private:
  const telemetry::logger& log_;
};

}  // namespace micro_sayur::user_service
