// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/ports/mail_sender.hpp"
#include "platform/base/system.hpp"

#include <memory>
#include <optional>

namespace micro_sayur::notification_service {

/// The health check of the mail server. It may be asked as often as one likes: a login whose password is wrong is not repeated more
/// often than every two seconds, and a server that takes its time is unhealthy meanwhile. Used on the core of `where`.
class mail_server_check {
 public:
  /// What is given by reference must outlive the run of `where`.
  mail_server_check(async::executor where, mail_sender& sender, const clock_source& clock);

  /// Whether the server takes local parts beyond ASCII, as of its latest answer; nullopt: not known.
  std::optional<bool> smtputf8() const;
  ~mail_server_check();

  /// Throws std::runtime_error when no server answers within three seconds.
  async::task<> run();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace micro_sayur::notification_service
