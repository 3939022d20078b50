// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/events/event_handler.hpp"

#include "contracts/event_topology.hpp"
#include "notification-service/adapters/events/event_reader.hpp"
#include "platform/async/offload_pool.hpp"
#include "platform/async/runtime.hpp"
#include "platform/sql/error.hpp"
#include "platform/telemetry/trace_context.hpp"
#include "platform/telemetry/tracing/scope.hpp"

#include <algorithm>
#include <utility>

namespace micro_sayur::notification_service {
namespace {

using events::disposition;

/// Anybody may publish any type: only those that are known become a label.
std::string type_label(std::string_view type) {
  const auto& known = event_topology::notification_types;
  return std::find(known.begin(), known.end(), type) == known.end() ? "other" : std::string(type);
}

telemetry::level level_of(const disposition& reached) {
  switch (reached.what) {
    case disposition::kind::acknowledge: return telemetry::level::info;
    case disposition::kind::retry: return telemetry::level::warning;
    case disposition::kind::dead_letter: return telemetry::level::error;
  }
  return telemetry::level::error;
}

std::string_view label_of(receive_outcome outcome, bool matters) {
  switch (outcome) {
    case receive_outcome::stored: return matters ? "stored" : "ignored";
    case receive_outcome::duplicate: return "duplicate";
    case receive_outcome::forgotten: return "forgotten";
  }
  std::unreachable();
}

/// Faults that pass: whatever the event is, it may succeed later.
bool is_passing(const std::exception& error) {
  return sql::passes_by_itself(error) || dynamic_cast<const async::overloaded*>(&error) != nullptr;
}

}  // namespace

event_handler::event_handler(intake take, event_origin where, const telemetry::logger& log, telemetry::metrics& metrics,
                             const telemetry::tracer& tracer, const clock_source& clock)
    : take_(std::move(take)),
      where_(where),
      log_(log),
      metrics_(metrics),
      tracer_(tracer),
      clock_(clock),
      dead_letters_(metrics.counter("sayur_events_dead_lettered_total", "Events set aside since they cannot be used.")),
      lag_(metrics.long_histogram("sayur_event_lag_seconds", "Time from the commit of an event until it was taken in.")) {}

async::task<disposition> event_handler::operator()(events::delivery what) {
  const auto began = clock_.steady_now();
  auto event = read_event(what.body);
  if (!event) {
    const incoming_event unread{.key = {.source = {}, .id = {}, .type = std::move(what.routing_key)}};
    const verdict refused{.disposition = disposition::dead_letter(event.error()), .outcome = "malformed", .error = event.error()};
    record(unread, refused, clock_.steady_now() - began);
    co_return refused.disposition;
  }
  auto span = begin_span(*event);
  const auto copy = *event;
  const auto reached = co_await telemetry::in_scope(span, take(std::move(*event), what.redelivered));
  if (reached.disposition.what != disposition::kind::acknowledge) span.fail(reached.outcome);
  record(copy, reached, clock_.steady_now() - began);
  co_return reached.disposition;
}

/// The consumer's, a child of the producer's and linked to it; what follows from the event continues from here.
telemetry::span event_handler::begin_span(incoming_event& event) const {
  auto span = tracer_.begin_caused(telemetry::span_kind::consumer, "process ", event.traceparent);
  if (!span) return span;
  span.append_to_name(where_.queue);
  span.link_to(*telemetry::parse_traceparent(event.traceparent));
  span.set("messaging.system", where_.system);
  span.set("messaging.operation.name", "process");
  span.set("messaging.operation.type", "process");
  span.set("messaging.destination.name", where_.queue);
  span.set("messaging.message.id", event.key.id.to_string());
  span.set("cloudevents.event_type", type_label(event.key.type));
  event.traceparent = span.context().to_traceparent();
  return span;
}

async::task<event_handler::verdict> event_handler::take(incoming_event event, bool redelivered) {
  const bool matters = event.kind.has_value() || event.user_deleted;
  try {
    const auto outcome = co_await take_(std::move(event));
    co_return verdict{.disposition = disposition::acknowledge(), .outcome = label_of(outcome, matters)};
  } catch (const std::exception& error) {
    if (async::is_cancellation(error)) throw;
    if (is_passing(error) || !redelivered)
      co_return verdict{.disposition = disposition::retry(), .outcome = "retried", .error = error.what()};
    // Of itself and not for the first time: it must not keep others from their turn.
    co_return verdict{.disposition = disposition::dead_letter("cannot be stored"), .outcome = "failed", .error = error.what()};
  }
}

void event_handler::observe_lag(const incoming_event& event) {
  const auto trace = telemetry::parse_traceparent(event.traceparent);
  lag_.observe(std::max(0.0, std::chrono::duration<double>(clock_.now() - event.time).count()), trace ? tracer_.recorded(*trace) : nullptr);
}

void event_handler::record(const incoming_event& event, const verdict& reached, std::chrono::steady_clock::duration took) {
  metrics_
      .counter("sayur_events_received_total", "Events received.",
               {{"type", type_label(event.key.type)}, {"outcome", std::string(reached.outcome)}})
      .Increment();
  if (reached.disposition.what == disposition::kind::dead_letter) dead_letters_.Increment();
  if (reached.disposition.what == disposition::kind::acknowledge) observe_lag(event);
  const bool readable = event.key.id != uuid{};
  log_.log(level_of(reached.disposition), "event",
           {{"cloudevent.id", readable ? event.key.id.to_string() : std::string()},
            {"cloudevent.type", event.key.type},
            {"cloudevent.source", event.key.source},
            {"request_id", event.request_id},
            {"trace.id", telemetry::trace_id_of(event.traceparent)},
            {"cloudevent.outcome", reached.outcome},
            {"error.message", reached.error},
            {"event.duration", std::chrono::nanoseconds(took).count()}});
}

}  // namespace micro_sayur::notification_service
