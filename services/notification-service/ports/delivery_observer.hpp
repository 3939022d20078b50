// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/domain/mail.hpp"
#include "notification-service/domain/notification.hpp"

#include <chrono>
#include <string_view>

namespace micro_sayur::notification_service {

/// Is told what deliveries do, for logs and metrics. Never blocks, never throws.
class delivery_observer {
 public:
  virtual ~delivery_observer() = default;

  virtual void attempt_ended(const notification& what, const delivery_outcome& outcome, std::chrono::steady_clock::duration took) = 0;
  /// It was stopped before the store took the outcome of the attempt: the mail may go out a second time.
  virtual void outcome_lost(const uuid& notification_id, std::string_view reason) = 0;
  virtual void mail_server_lost(std::string_view reason) = 0;
  virtual void mail_server_found() = 0;
};

}  // namespace micro_sayur::notification_service
