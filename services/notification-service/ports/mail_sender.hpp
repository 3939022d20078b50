// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/domain/mail.hpp"
#include "platform/async/task.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace micro_sayur::notification_service {

struct reachability {
  bool answers = false;
  std::string fault = {};             ///< why not
  std::optional<bool> smtputf8 = {};  ///< whether it takes local parts beyond ASCII (RFC 6531), where that is known
};

/// Where mails go. Called on any io thread.
class mail_sender {
 public:
  virtual ~mail_sender() = default;

  /// Never throws for what a mail server does; every attempt has a deadline.
  virtual async::task<delivery_outcome> send(mail what) = 0;

  /// Whether a server answers within `patience`. Does not throw.
  virtual async::task<reachability> reachable(std::chrono::milliseconds patience) = 0;
};

}  // namespace micro_sayur::notification_service
