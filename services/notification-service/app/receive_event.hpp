// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/app/deliver_notifications.hpp"
#include "notification-service/ports/notification_store.hpp"

#include <optional>

namespace micro_sayur::notification_service {

/// An event as this service understands it.
struct incoming_event {
  event_key key;
  std::optional<notification_kind> kind;  ///< nullopt: mails nothing
  bool user_deleted = false;              ///< what is known of the user is to be erased
  uuid user_id;
  std::string recipient;
  locale language = locale::indonesian;
  template_values values;
  std::string request_id;
  std::string traceparent;
  timestamp time;  ///< at which it happened
};

/// Turns an event into a notification, once however often it arrives, and has it sent. The notification's id follows from the event: where
/// the store has forgotten both, a mail that goes out again has the same Message-ID.
class receive_event {
 public:
  /// What is given by reference must outlive this.
  receive_event(notification_store& store, deliver_notifications& deliveries, const clock_source& clock)
      : store_(store), deliveries_(deliveries), clock_(clock) {}

  /// When this returns the event is stored and may be acknowledged. Throws what the store throws; the event may then be handed in again.
  async::task<receive_outcome> operator()(incoming_event event);

 private:
  notification_store& store_;
  deliver_notifications& deliveries_;
  const clock_source& clock_;
};

}  // namespace micro_sayur::notification_service
