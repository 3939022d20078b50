// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "user-service/domain/user_event.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// What causes mails to an address. Each has an allowance of its own, so that what anybody can ask for does not use up what only the one
/// who registered can.
enum class mail_cause { registration, resend, forgotten_password };
inline constexpr std::array all_mail_causes{mail_cause::registration, mail_cause::resend, mail_cause::forgotten_password};

/// Keeps strangers from filling somebody's inbox. Answers always: without its store each instance counts for itself.
class mail_allowance {
 public:
  virtual ~mail_allowance() = default;

  /// Counts a mail to the address; false when it, or the client with it, has had its share: nothing is to be mailed then.
  virtual async::task<bool> take(mail_cause why, std::string email_key, origin from) = 0;

  /// Counts a request of the client for a mail, whatever the address. How long it has to wait when it has had its share; nullopt: allowed.
  virtual async::task<std::optional<std::chrono::seconds>> take_request(std::string network) = 0;

  /// A mail that was allowed is not sent after all.
  virtual async::task<> give_back(mail_cause why, std::string email_key, origin from) = 0;
};

}  // namespace micro_sayur::user_service
