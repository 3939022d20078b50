// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/telemetry/delivery_telemetry.hpp"

#include "platform/telemetry/trace_context.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

using kind = delivery_outcome::kind;

constexpr std::array all_kinds{kind::accepted, kind::temporary_failure, kind::permanent_failure, kind::unavailable, kind::withheld};

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

delivery_telemetry::delivery_telemetry(const telemetry::logger& log, telemetry::metrics& metrics, const telemetry::tracer& tracer,
                                       const clock_source& clock)
    : log_(log),
      tracer_(tracer),
      clock_(clock),
      server_up_(metrics.gauge("sayur_mail_server_up", "1 while mails are being sent, 0 while the mail server is away.")) {
  for (const auto each : all_notification_kinds) {
    latencies_[each] =
        &metrics.long_histogram("sayur_notification_delivery_seconds", "Time from the commit of an event until its mail was taken.",
                                {{"template", std::string(to_string(each))}});
    for (const auto outcome : all_kinds)
      attempts_[{each, outcome}] =
          &metrics.counter("sayur_notification_attempts_total", "Attempts to send a mail.",
                           {{"template", std::string(to_string(each))}, {"outcome", std::string(to_string(outcome))}});
  }
  server_up_.Set(1);
}

void delivery_telemetry::attempt_ended(const notification& what, const delivery_outcome& outcome,
                                       std::chrono::steady_clock::duration took) {
  attempts_.at({what.kind, outcome.what})->Increment();
  const bool sent = outcome.what == kind::accepted;
  const bool withheld = outcome.what == kind::withheld;
  if (!withheld) trace(what, outcome, took);
  const auto trace = telemetry::parse_traceparent(what.traceparent);
  if (sent && !what.released)
    latencies_.at(what.kind)->observe(
        std::max(0.0, std::chrono::duration<double>(clock_.now() - what.caused_at.value_or(what.created_at)).count()),
        trace ? tracer_.recorded(*trace) : nullptr);
  log_.log(sent || withheld ? telemetry::level::info : telemetry::level::warning, "delivery attempt",
           {{"notification.id", what.id.to_string()},
            {"notification.template", to_string(what.kind)},
            {"request_id", what.request_id},
            {"trace.id", telemetry::trace_id_of(what.traceparent)},
            {"notification.attempt", what.attempts},
            {"notification.outcome", to_string(outcome.what)},
            {"error.message", sent || withheld ? std::string() : without_private_words(outcome.detail)},
            {"event.duration", std::chrono::nanoseconds(took).count()}});
}

void delivery_telemetry::trace(const notification& what, const delivery_outcome& outcome, std::chrono::steady_clock::duration took) const {
  auto span = tracer_.begin_caused(telemetry::span_kind::client, "send mail", what.traceparent);
  span.begin_earlier(took);
  span.set("notification.template", to_string(what.kind));
  span.set("notification.attempt", std::int64_t{what.attempts});
  if (outcome.what != kind::accepted) span.fail(to_string(outcome.what));
}

void delivery_telemetry::outcome_lost(const uuid& notification_id, std::string_view reason) {
  log_.error("outcome of a delivery lost; the mail may go out again",
             {{"notification.id", notification_id.to_string()}, {"error.message", without_private_words(reason)}});
}

void delivery_telemetry::mail_server_lost(std::string_view reason) {
  server_up_.Set(0);
  log_.info("mails wait for the mail server", {{"error.message", without_private_words(reason)}});
}

void delivery_telemetry::mail_server_found() {
  server_up_.Set(1);
  log_.info("mails go out again");
}

}  // namespace micro_sayur::notification_service
