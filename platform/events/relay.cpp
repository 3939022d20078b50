// SPDX-License-Identifier: Apache-2.0
#include "platform/events/relay.hpp"

#include "platform/async/offload_pool.hpp"
#include "platform/async/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace micro_sayur::events {
namespace {

using namespace std::chrono_literals;

constexpr auto first_retry = 100ms;
constexpr auto backlog_interval = 5s;

constexpr std::array failure_outcomes{publish_outcome::unroutable, publish_outcome::refused, publish_outcome::unknown};

std::string_view label_of(publish_outcome outcome) {
  switch (outcome) {
    case publish_outcome::confirmed: return "confirmed";
    case publish_outcome::unroutable: return "unroutable";
    case publish_outcome::refused: return "refused";
    case publish_outcome::unknown: return "unknown";
  }
  std::unreachable();
}

prometheus::Counter& failure_counter(telemetry::metrics& metrics, std::string_view outcome) {
  return metrics.counter("sayur_outbox_publish_failures_total", "Events that were not confirmed and are published again.",
                         {{"outcome", std::string(outcome)}});
}

std::vector<uuid> ids_of(const std::vector<cloud_event>& events) {
  std::vector<uuid> ids;
  ids.reserve(events.size());
  for (const auto& event : events) ids.push_back(event.id);
  return ids;
}

std::vector<relayed_event> notes_of(const std::vector<cloud_event>& events) {
  std::vector<relayed_event> notes;
  notes.reserve(events.size());
  for (const auto& event : events)
    notes.push_back({.id = event.id, .type = event.type, .request_id = event.request_id, .traceparent = event.traceparent});
  return notes;
}

void end_spans(std::vector<telemetry::span> spans, const std::vector<publish_outcome>& outcomes) {
  for (std::size_t i = 0; i < spans.size(); ++i)
    if (outcomes[i] != publish_outcome::confirmed) spans[i].fail(label_of(outcomes[i]));
}

/// Counts events as handed over for as long as it lives.
class unconfirmed {
 public:
  unconfirmed(prometheus::Gauge& in, std::size_t events) : in_(in), events_(static_cast<double>(events)) { in_.Increment(events_); }
  ~unconfirmed() { in_.Decrement(events_); }
  unconfirmed(const unconfirmed&) = delete;
  unconfirmed& operator=(const unconfirmed&) = delete;

 private:
  prometheus::Gauge& in_;
  double events_;
};

}  // namespace

/// Outlives the relay while a posted wake-up is on its way.
struct relay::wake_state {
  explicit wake_state(async::executor where) : event(where) {}
  async::event event;
  std::atomic<bool> posted = false;
};

relay::relay(async::executor where, outbox from, publisher& to, telemetry::metrics& metrics, const telemetry::tracer& tracer,
             relay_settings settings)
    : where_(where),
      outbox_(std::move(from)),
      to_(to),
      settings_(std::move(settings)),
      pending_(metrics.gauge("sayur_outbox_events", "Events that wait to be published.")),
      oldest_age_(metrics.gauge("sayur_outbox_oldest_age_seconds", "Age of the oldest event that waits to be published.")),
      metrics_(metrics),
      tracer_(tracer),
      outstanding_(
          metrics.gauge("sayur_outbox_unconfirmed_events", "Events that were handed to the transport, which has not answered yet.")),
      unreadable_(failure_counter(metrics, "unreadable")),
      wake_(std::make_shared<wake_state>(where)),
      place_free_(where),
      claims_(where),
      batches_(where),
      watch_(where),
      publish_retry_(first_retry, settings_.longest_retry) {
  for (const auto type : settings_.types) published_counter(std::string(type));
  for (std::size_t i = 0; i < failure_outcomes.size(); ++i) failures_[i] = &failure_counter(metrics, label_of(failure_outcomes[i]));
}

relay::~relay() = default;

void relay::start() {
  claims_.spawn("outbox relay", [this] { return claim_forever(); });
  watch_.spawn("outbox backlog", [this] { return watch_backlog(); });
}

void relay::wake() {
  if (wake_->posted.exchange(true)) return;
  boost::asio::post(where_, [held = wake_] {
    held->posted = false;
    held->event.set();
  });
}

async::task<> relay::stop() {
  stopping_ = true;
  wake_->event.set();
  place_free_.set();
  // A claim is not cancelled: its rows would be kept from everybody until the lease ends.
  co_await claims_.join();
  co_await batches_.join();
  watch_.cancel();
  co_await watch_.join();
}

async::task<> relay::claim_forever() {
  async::backoff database_retry(first_retry, settings_.longest_retry);
  while (!stopping_) {
    wake_->event.reset();
    std::chrono::steady_clock::duration pause = settings_.poll;
    try {
      auto batch = co_await outbox_.claim(settings_.lease, settings_.batch);
      database_retry.reset();
      if (std::ssize(batch.events) + std::ssize(batch.unreadable) == settings_.batch) pause = 0ms;
      if (!batch.unreadable.empty()) tell_unreadable(batch.unreadable);
      if (!batch.events.empty()) start_batch(std::move(batch));
    } catch (const sql::unavailable&) {
      pause = database_retry.next();  // the health checks tell
    } catch (const std::exception&) {
      async::report_background_failure("outbox relay", std::current_exception());
      pause = database_retry.next();
    }
    if (pause > 0ms) co_await wait_for_work(pause);
    co_await wait_for_place();
  }
}

async::task<> relay::wait_for_work(std::chrono::steady_clock::duration at_most) {
  if (stopping_) co_return;
  co_await wake_->event.wait_until(std::chrono::steady_clock::now() + at_most);
}

async::task<> relay::wait_for_place() {
  while (!stopping_ && open_batches_ >= settings_.batches_at_once) {
    place_free_.reset();
    co_await place_free_.wait();
  }
}

void relay::start_batch(claimed_events batch) {
  ++open_batches_;
  const auto held = std::make_shared<claimed_events>(std::move(batch));
  batches_.spawn("outbox batch", [this, held] { return publish_batch(std::move(*held)); });
}

/// They are tried again when their lease ends: the secret may come back.
void relay::tell_unreadable(const std::vector<uuid>& ids) {
  unreadable_.Increment(static_cast<double>(ids.size()));
  const auto what = fmt::format("{} events cannot be opened, such as {}: the secret that they are sealed under is gone", ids.size(),
                                ids.front().to_string());
  async::report_background_failure("outbox relay", std::make_exception_ptr(std::runtime_error(what)));
}

async::task<> relay::publish_batch(claimed_events batch) {
  struct place {
    relay& self;
    explicit place(relay& self_) : self(self_) {}
    ~place() {
      --self.open_batches_;
      self.place_free_.set();
    }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
  } const held(*this);
  const auto ids = ids_of(batch.events);
  const auto notes = notes_of(batch.events);
  auto spans = begin_spans(batch.events);
  std::vector<publish_outcome> outcomes(ids.size(), publish_outcome::refused);
  try {
    const unconfirmed counted(outstanding_, ids.size());
    outcomes = co_await to_.publish(std::move(batch.events));
  } catch (const async::overloaded&) {
    // They stay refused and are published again.
  }
  end_spans(std::move(spans), outcomes);
  tell(notes, outcomes);
  std::vector<uuid> confirmed;
  std::vector<uuid> failed;
  std::size_t unroutable = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    (outcomes[i] == publish_outcome::confirmed ? confirmed : failed).push_back(ids[i]);
    if (outcomes[i] == publish_outcome::unroutable) ++unroutable;
  }
  if (unroutable > 0)
    async::report_background_failure("outbox relay",
                                     std::make_exception_ptr(std::runtime_error(fmt::format("{} events have no queue", unroutable))));
  co_await settle(std::move(confirmed), std::move(failed), batch.lease);
}

/// One for each, not recorded where its cause is not. Whoever takes the event continues from the span that published it.
std::vector<telemetry::span> relay::begin_spans(std::vector<cloud_event>& events) const {
  std::vector<telemetry::span> spans;
  spans.reserve(events.size());
  for (auto& event : events) {
    auto& span = spans.emplace_back(tracer_.begin_caused(telemetry::span_kind::producer, "publish ", event.traceparent));
    if (!span) continue;
    span.append_to_name(settings_.destination);
    span.set("messaging.system", to_.system());
    span.set("messaging.operation.name", "publish");
    span.set("messaging.operation.type", "send");
    span.set("messaging.destination.name", settings_.destination);
    span.set("cloudevents.event_type", event.type);
    span.set("messaging.message.id", event.id.to_string());
    event.traceparent = span.context().to_traceparent();
  }
  return spans;
}

void relay::tell(const std::vector<relayed_event>& events, const std::vector<publish_outcome>& outcomes) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto failure = std::ranges::find(failure_outcomes, outcomes[i]);
    if (failure != failure_outcomes.end()) {
      failures_[static_cast<std::size_t>(failure - failure_outcomes.begin())]->Increment();
      continue;
    }
    published_counter(events[i].type).Increment();
    if (settings_.on_published) settings_.on_published(events[i]);
  }
}

prometheus::Counter& relay::published_counter(const std::string& type) {
  auto& known = published_[type];
  if (known == nullptr)
    known = &metrics_.counter("sayur_outbox_published_total", "Events that the transport has confirmed.", {{"type", type}});
  return *known;
}

async::task<> relay::settle(std::vector<uuid> confirmed, std::vector<uuid> failed, timestamp lease) {
  if (!confirmed.empty()) {
    publish_retry_.reset();
    co_await outbox_.mark_published(std::move(confirmed));
  }
  if (!failed.empty()) co_await outbox_.release(std::move(failed), lease, publish_retry_.next());
}

async::task<> relay::watch_backlog() {
  while (true) {
    try {
      const auto found = co_await outbox_.backlog();
      pending_.Set(static_cast<double>(found.events));
      oldest_seconds_ = std::chrono::duration_cast<std::chrono::seconds>(found.oldest_age).count();
      oldest_age_.Set(std::chrono::duration<double>(found.oldest_age).count());
    } catch (const sql::error& failure) {
      if (!sql::passes_by_itself(failure)) throw;
      // The last figures stand until the database is back; the health checks tell that it is away.
    }
    co_await async::sleep_for(backlog_interval);
  }
}

}  // namespace micro_sayur::events
