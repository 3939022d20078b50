// SPDX-License-Identifier: Apache-2.0
#include "notification-service/app/deliver_notifications.hpp"

#include "notification-service/app/judge_attempt.hpp"
#include "notification-service/domain/retry_schedule.hpp"
#include "platform/async/backoff.hpp"
#include "platform/async/runtime.hpp"

#include <atomic>
#include <utility>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

constexpr auto first_retry = 100ms;
constexpr auto longest_store_retry = 1s;

}  // namespace

/// Outlives the deliveries while a posted wake-up is on its way.
struct deliver_notifications::wake_state {
  explicit wake_state(async::executor where) : event(where) {}
  async::event event;
  std::atomic<bool> posted = false;
};

deliver_notifications::place::~place() {
  ++giver_.free_places_;
  giver_.place_free_.set();
  if (giver_.more_is_due_) giver_.wake_->event.set();
}

deliver_notifications::deliver_notifications(async::executor where, notification_store& store, mail_sender& sender,
                                             const mail_renderer& renderer, event_intake& intake, delivery_observer& observer,
                                             const clock_source& clock, random_source& random, delivery_settings settings)
    : where_(where),
      store_(store),
      sender_(sender),
      renderer_(renderer),
      intake_(intake),
      observer_(observer),
      clock_(clock),
      random_(random),
      settings_(std::move(settings)),
      wake_(std::make_shared<wake_state>(where)),
      place_free_(where),
      claims_(where),
      deliveries_(where),
      probes_(where),
      free_places_(settings_.places) {}

deliver_notifications::~deliver_notifications() = default;

void deliver_notifications::start() {
  claims_.spawn("due notifications", [this] { return claim_forever(); });
}

void deliver_notifications::wake() {
  if (wake_->posted.exchange(true)) return;
  boost::asio::post(where_, [held = wake_] {
    held->posted = false;
    held->event.set();
  });
}

async::task<> deliver_notifications::stop() {
  stopping_ = true;
  wake_->event.set();
  place_free_.set();
  probes_.cancel();
  co_await probes_.join();
  co_await claims_.join();
  co_await deliveries_.join();
}

async::task<std::unique_ptr<deliver_notifications::place>> deliver_notifications::take_place(
    std::chrono::steady_clock::time_point deadline) {
  while (!lost_ && !stopping_) {
    if (free_places_ > 0) co_return std::make_unique<place>(*this);
    place_free_.reset();
    const bool in_time = co_await place_free_.wait_until(deadline);
    if (!in_time) break;
  }
  more_is_due_ = true;
  co_return nullptr;
}

void deliver_notifications::deliver(notification what, std::unique_ptr<place> at) {
  on_their_way_.insert(what.id);
  // The task begins to run only when it is spawned, and takes over both then.
  const auto held = std::make_shared<std::pair<notification, std::unique_ptr<place>>>(std::move(what), std::move(at));
  deliveries_.spawn("delivery", [this, held] { return attempt(std::move(held->first), std::move(held->second)); });
}

async::task<> deliver_notifications::claim_forever() {
  async::backoff store_retry(first_retry, longest_store_retry);
  bool told = false;  // once an outage
  while (!stopping_) {
    wake_->event.reset();
    auto pause = settings_.poll;
    try {
      const bool again = co_await claim_for_free_places();
      store_retry.reset();
      told = false;
      if (again) continue;
    } catch (const std::exception&) {
      if (!std::exchange(told, true)) async::report_background_failure("due notifications", std::current_exception());
      pause = store_retry.next();
    }
    if (!stopping_) co_await wake_->event.wait_until(std::chrono::steady_clock::now() + pause);
  }
}

/// True when there may be more that is due and places are left for it.
async::task<bool> deliver_notifications::claim_for_free_places() {
  if (lost_ || free_places_ == 0) co_return false;
  std::vector<std::unique_ptr<place>> places;
  while (free_places_ > 0) places.push_back(std::make_unique<place>(*this));
  more_is_due_ = false;
  auto due = co_await store_.claim(settings_.lease, std::ssize(places));
  more_is_due_ = more_is_due_ || due.size() == places.size();
  for (auto& what : due) {
    // The lease of a mail ends while it is on its way when the store was away for long; its own outcome will settle it.
    if (on_their_way_.contains(what.id)) continue;
    deliver(std::move(what), std::move(places.back()));
    places.pop_back();
  }
  co_return more_is_due_ && !places.empty();
}

async::task<> deliver_notifications::attempt(notification what, std::unique_ptr<place> at) {
  const std::unique_ptr<place> held = std::move(at);
  const auto began = clock_.steady_now();
  auto outcome = co_await send(what);
  co_await find_fault(outcome);
  observer_.attempt_ended(what, outcome, clock_.steady_now() - began);
  co_await record(judge_attempt(what, std::move(outcome), clock_.now(), jitter()));
  on_their_way_.erase(what.id);
}

async::task<delivery_outcome> deliver_notifications::send(const notification& what) {
  mail ready{.id = what.id,
             .to = {.name = {}, .address = what.recipient},
             .content = {},
             .created_at = what.created_at,
             .request_id = what.request_id};
  if (!may_go_out(what)) co_return delivery_outcome{delivery_outcome::kind::withheld, "MAIL_RECIPIENTS does not name its recipient"};
  if (what.failures >= most_failures)
    co_return delivery_outcome{delivery_outcome::kind::permanent_failure,
                               "given up: too many attempts were refused, or ended without an outcome that could be stored"};
  try {
    static const template_values nothing;
    const auto& values = what.values ? *what.values : nothing;
    if (const auto name = values.find("name"); name != values.end()) ready.to.name = name->second;
    ready.content = renderer_.render(what.kind, what.language, values);
  } catch (const std::exception& fault) {
    co_return delivery_outcome{delivery_outcome::kind::permanent_failure, fault.what()};
  }
  try {
    co_return co_await sender_.send(std::move(ready));
  } catch (const std::exception& fault) {
    co_return delivery_outcome{delivery_outcome::kind::unavailable, fault.what()};
  }
}

bool deliver_notifications::may_go_out(const notification& what) const {
  return what.released || settings_.recipients.names(what.recipient);
}

/// A mail whose connection breaks, or that is kept waiting until its deadline, while the server answers otherwise must not stop all
/// others, nor be tried for ever.
async::task<> deliver_notifications::find_fault(delivery_outcome& outcome) {
  if (outcome.what != delivery_outcome::kind::unavailable || lost_ || stopping_) co_return;
  const auto found = co_await sender_.reachable(settings_.short_patience);
  if (found.answers) {
    outcome.what = delivery_outcome::kind::temporary_failure;
    outcome.detail += " (the mail server answers otherwise)";
  } else {
    lose_mail_server(outcome.detail);
  }
}

/// What happened to a mail is not forgotten while the store is away: that would send it twice. A stop waits for it, within limits.
async::task<> deliver_notifications::record(attempt_result result) {
  std::optional<async::backoff> retry;  // asks the system for randomness, which is for the rare case only
  std::optional<std::chrono::steady_clock::time_point> give_up;
  while (true) {
    try {
      co_await store_.finish(result);
      co_return;
    } catch (const std::exception& failure) {
      if (!retry) async::report_background_failure("delivery", std::current_exception());
      const auto now = std::chrono::steady_clock::now();
      if (stopping_ && !give_up) give_up = now + settings_.longest_wait_while_stopping;
      if (give_up && now >= *give_up) {
        observer_.outcome_lost(result.id, failure.what());
        co_return;
      }
    }
    if (!retry) retry.emplace(first_retry, longest_store_retry);
    co_await async::sleep_for(retry->next());
  }
}

void deliver_notifications::lose_mail_server(std::string_view reason) {
  if (lost_ || stopping_) return;
  lost_ = true;
  place_free_.set();
  intake_.pause();
  observer_.mail_server_lost(reason);
  probes_.spawn("mail server probe", [this] { return look_for_mail_server(); });
}

async::task<> deliver_notifications::look_for_mail_server() {
  async::backoff retry(first_retry, settings_.longest_probe);
  for (bool found = false; !found;) {
    co_await async::sleep_for(retry.next());
    const auto looked = co_await sender_.reachable(settings_.long_patience);
    found = looked.answers;
  }
  lost_ = false;
  observer_.mail_server_found();
  intake_.resume();
  more_is_due_ = true;
  wake_->event.set();
}

double deliver_notifications::jitter() {
  std::uint8_t byte = 0;
  random_.fill({&byte, 1});
  return static_cast<double>(byte) / 255.0;
}

}  // namespace micro_sayur::notification_service
