// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/telemetry/mail_server_check.hpp"

#include "platform/async/event.hpp"
#include "platform/async/runtime.hpp"

#include <optional>
#include <stdexcept>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

// Slightly less than what the health checks pause between two looks at something healthy.
constexpr auto between_questions = 1900ms;
constexpr auto patience = 3s;
// Some servers greet strangers late on purpose: the next look at this check finds their answer.
constexpr auto longest_question = 12s;

}  // namespace

/// Outlives the check while a question is on its way.
struct mail_server_check::state {
  state(async::executor where_, mail_sender& sender_, const clock_source& clock_)
      : where(where_), sender(sender_), clock(clock_), answered(where_) {}

  bool is_due(std::chrono::steady_clock::time_point now) const { return !asking && (!asked_at || now - *asked_at >= between_questions); }

  async::task<> ask() {
    found = co_await sender.reachable(longest_question);
    if (found.smtputf8) smtputf8 = found.smtputf8;
    asking = false;
    answered.set();
  }

  const async::executor where;
  mail_sender& sender;
  const clock_source& clock;
  async::event answered;
  std::optional<std::chrono::steady_clock::time_point> asked_at;
  bool asking = false;
  reachability found;
  std::optional<bool> smtputf8;
};

mail_server_check::mail_server_check(async::executor where, mail_sender& sender, const clock_source& clock)
    : state_(std::make_shared<state>(where, sender, clock)) {}

mail_server_check::~mail_server_check() = default;

std::optional<bool> mail_server_check::smtputf8() const { return state_->smtputf8; }

async::task<> mail_server_check::run() {
  const auto held = state_;
  if (const auto now = held->clock.steady_now(); held->is_due(now)) {
    held->asked_at = now;
    held->asking = true;
    held->answered.reset();
    async::spawn(held->where, "mail server check", [held] { return held->ask(); });
  }
  if (held->asking) co_await held->answered.wait_until(std::chrono::steady_clock::now() + patience);
  if (held->asking) throw std::runtime_error("the mail server does not answer");
  if (!held->found.answers) throw std::runtime_error(held->found.fault);
}

}  // namespace micro_sayur::notification_service
