// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/telemetry/mail_server_check.hpp"

#include <stdexcept>

namespace micro_sayur::notification_service {
namespace {

// Slightly less than what the health checks pause between two looks at something healthy.
constexpr auto between_questions = std::chrono::milliseconds(1'900);

}  // namespace

async::task<> mail_server_check::run() {
  const auto now = clock_.steady_now();
  if (!asked_at_ || now - *asked_at_ >= between_questions) {
    asked_at_ = now;
    answered_ = co_await sender_.reachable();
  }
  if (!answered_) throw std::runtime_error("the mail server does not answer");
}

}  // namespace micro_sayur::notification_service
