// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/adapters/mailbox/mailbox_store.hpp"
#include "notification-service/ports/mail_sender.hpp"
#include "platform/base/system.hpp"

namespace micro_sayur::notification_service {

/// "Sends" into the mailbox. A mail that is sent again does not appear twice, as a reader who knows Message-ID would see it.
/// What is given by reference must outlive this.
class mailbox_mail_sender final : public mail_sender {
 public:
  mailbox_mail_sender(mailbox_store& into, mailbox from, const clock_source& clock) : into_(into), from_(std::move(from)), clock_(clock) {}

  async::task<delivery_outcome> send(mail what) override;
  async::task<reachability> reachable(std::chrono::milliseconds patience) override;

 private:
  mailbox_store& into_;
  const mailbox from_;
  const clock_source& clock_;
};

}  // namespace micro_sayur::notification_service
