// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/telemetry/security_telemetry.hpp"

#include "platform/telemetry/trace_context.hpp"

namespace micro_sayur::user_service {

void log_security_event(const telemetry::logger& log, std::string_view event, std::optional<uuid> account_id, const origin& from,
                        std::string_view detail) {
  const auto account = account_id ? account_id->to_string() : std::string("-");
  log.info("security event", {{"event.action", event},
                              {"user.id", account},
                              {"client.network", from.network},
                              {"request_id", from.request_id},
                              {"trace.id", telemetry::trace_id_of(from.traceparent)},
                              {"event.reason", detail}});
}

security_telemetry::security_telemetry(const telemetry::logger& log, telemetry::metrics& metrics) : log_(log) {
  for (const auto event : security_events::all)
    counts_[event] =
        &metrics.counter("sayur_security_events_total", "What happened to accounts, in OWASP's words.", {{"event", std::string(event)}});
}

void security_telemetry::record(std::string_view event, std::optional<uuid> account_id, const origin& from, std::string_view detail) {
  counts_.at(event)->Increment();
  log_security_event(log_, event, account_id, from, detail);
}

}  // namespace micro_sayur::user_service
