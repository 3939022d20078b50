// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/ports/mail_sender.hpp"
#include "platform/base/system.hpp"

#include <chrono>
#include <optional>

namespace micro_sayur::notification_service {

/// The health check of the mail server. It may be asked as often as one likes: a login whose password is wrong is not repeated more
/// often than every two seconds. Used on one core, by one caller at a time; what is given by reference must outlive it.
class mail_server_check {
 public:
  mail_server_check(mail_sender& sender, const clock_source& clock) : sender_(sender), clock_(clock) {}

  /// Throws std::runtime_error when no server answers.
  async::task<> run();

 private:
  mail_sender& sender_;
  const clock_source& clock_;
  std::optional<std::chrono::steady_clock::time_point> asked_at_;
  bool answered_ = false;
};

}  // namespace micro_sayur::notification_service
