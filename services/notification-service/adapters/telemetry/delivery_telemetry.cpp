// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/telemetry/delivery_telemetry.hpp"

#include "platform/telemetry/trace_context.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

using kind = delivery_outcome::kind;

constexpr std::array all_kinds{kind::accepted, kind::temporary_failure, kind::permanent_failure, kind::unavailable};

bool is_private(std::string_view word) {
  return word.find('@') != std::string_view::npos || word.find("://") != std::string_view::npos ||
         word.find("token") != std::string_view::npos;
}

}  // namespace

std::string without_private_words(std::string_view said) {
  std::string out;
  while (true) {
    const auto end = said.find_first_of(" \t");
    const auto word = said.substr(0, end);
    out += is_private(word) ? "…" : word;
    if (end == std::string_view::npos) return out;
    out += said[end];
    said.remove_prefix(end + 1);
  }
}

delivery_telemetry::delivery_telemetry(const telemetry::logger& log, telemetry::metrics& metrics, const clock_source& clock)
    : log_(log),
      clock_(clock),
      latency_(metrics.histogram("notification_delivery_seconds", "Time from the arrival of an event until its mail was taken.")),
      server_up_(metrics.gauge("mail_server_up", "1 while mails are being sent, 0 while the mail server is away.")) {
  for (const auto each : all_kinds)
    attempts_[static_cast<std::size_t>(each)] =
        &metrics.counter("notification_attempts_total", "Attempts to send a mail.", {{"outcome", std::string(to_string(each))}});
  server_up_.Set(1);
}

void delivery_telemetry::attempt_ended(const notification& what, const delivery_outcome& outcome,
                                       std::chrono::steady_clock::duration took) {
  attempts_[static_cast<std::size_t>(outcome.what)]->Increment();
  const bool sent = outcome.what == kind::accepted;
  if (sent) latency_.Observe(std::chrono::duration<double>(clock_.now() - what.created_at).count());
  const auto trace = telemetry::parse_traceparent(what.traceparent);
  log_.log(sent ? telemetry::level::info : telemetry::level::warning, "delivery attempt",
           {{"notification_id", what.id.to_string()},
            {"kind", to_string(what.kind)},
            {"request_id", what.request_id},
            {"trace_id", trace ? trace->trace_id_text() : std::string()},
            {"attempt", what.attempts},
            {"outcome", to_string(outcome.what)},
            {"detail", sent ? std::string() : without_private_words(outcome.detail)},
            {"duration_ms", std::chrono::duration<double, std::milli>(took).count()}});
}

void delivery_telemetry::outcome_lost(const uuid& notification_id, std::string_view reason) {
  log_.error("outcome of a delivery lost; the mail may go out again",
             {{"notification_id", notification_id.to_string()}, {"reason", without_private_words(reason)}});
}

void delivery_telemetry::mail_server_lost(std::string_view reason) {
  server_up_.Set(0);
  log_.info("mails wait for the mail server", {{"reason", without_private_words(reason)}});
}

void delivery_telemetry::mail_server_found() {
  server_up_.Set(1);
  log_.info("mails go out again");
}

}  // namespace micro_sayur::notification_service
