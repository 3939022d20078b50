// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace micro_sayur::notification_service {

/// The stream of events that become notifications: stopped while no mail can be sent, so that they wait in the queue.
class event_intake {
 public:
  virtual ~event_intake() = default;
  virtual void pause() = 0;
  virtual void resume() = 0;
};

}  // namespace micro_sayur::notification_service
