// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/adapters/smtp/smtp_mail_sender.hpp"
#include "platform/config/reader.hpp"

namespace micro_sayur::notification_service {

/// The variables SMTP_* and MAIL_SMTPUTF8. `from` is MAIL_FROM's.
smtp_settings read_smtp_settings(config::reader& reader, mailbox from);

/// What to look at when the mail server is lost for this reason.
std::string smtp_advice(std::string_view why);

}  // namespace micro_sayur::notification_service
