// SPDX-License-Identifier: Apache-2.0
// What a mail server's words mean for one mail.
#pragma once

#include "notification-service/domain/mail.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

/// The dialogue as far as it went: the last command of ours and the server's last reply to it.
struct smtp_exchange {
  std::string verb;   ///< "EHLO", "AUTH", "MAIL", "RCPT", "DATA", ...; "" before the first
  std::string reply;  ///< its last line, without the line end; "" while there is none

  /// The three digits that the reply begins with, or 0.
  int code() const;
};

/// The outcome of an attempt that did not succeed. Only a refusal of this very mail counts against it: whatever else goes wrong,
/// from the greeting to the login, is a fault of the servers, and mails wait until it is mended. `fault` says what broke where
/// the server itself said nothing.
delivery_outcome judge_refusal(const smtp_exchange& last, bool connection_broke, std::string_view fault);

}  // namespace micro_sayur::notification_service
