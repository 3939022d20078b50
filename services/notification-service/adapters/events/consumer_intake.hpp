// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/ports/event_intake.hpp"
#include "platform/events/transport.hpp"

namespace micro_sayur::notification_service {

/// `of` must outlive this.
class consumer_intake final : public event_intake {
 public:
  explicit consumer_intake(events::consumer& of) : of_(of) {}

  void pause() override { of_.pause(); }
  void resume() override { of_.resume(); }

 private:
  events::consumer& of_;
};

}  // namespace micro_sayur::notification_service
