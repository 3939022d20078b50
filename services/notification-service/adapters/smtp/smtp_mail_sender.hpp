// SPDX-License-Identifier: Apache-2.0
// Mails by SMTP (RFC 5321) with libcurl.
#pragma once

#include "notification-service/domain/mail.hpp"
#include "notification-service/ports/mail_sender.hpp"
#include "platform/config/secret.hpp"
#include "platform/config/smtputf8.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace micro_sayur::notification_service {

enum class smtp_tls {
  none,      ///< in the clear
  starttls,  ///< in the clear until STARTTLS, which the server must offer
  tls        ///< from the first byte
};

struct smtp_settings {
  std::string host;
  std::uint16_t port = 587;
  smtp_tls tls = smtp_tls::starttls;
  config::smtputf8 beyond_ascii = config::smtputf8::ask;
  std::string ca_file;                                ///< PEM; empty: the system's authorities
  std::optional<std::string> username;                ///< none: no login
  std::optional<config::secret_source> password;      ///< read at every attempt
  mailbox from;                                       ///< of the envelope and of the header
  std::size_t connections = 8;                        ///< mails on their way at once; a thread each
  std::chrono::milliseconds deadline{15'000};         ///< of one attempt, waiting for a thread included
  std::chrono::milliseconds connect_timeout{10'000};  ///< to the end of the login; some servers greet strangers late on purpose
};

/// Connections stay open between mails. A connection that the server has closed meanwhile is replaced unnoticed. `detail` of an
/// outcome is the server's last reply behind the command that it answers. Destroying it breaks off what is on its way; the cores
/// on which that is awaited must live still.
/// Throws curl::setup_error when this libcurl cannot do it.
std::unique_ptr<mail_sender> make_smtp_mail_sender(smtp_settings settings);

}  // namespace micro_sayur::notification_service
