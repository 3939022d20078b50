// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/adapters/smtp/smtp_mail_sender.hpp"
#include "platform/config/reader.hpp"

namespace micro_sayur::notification_service {

/// The variables SMTP_*. `from` is MAIL_FROM's.
smtp_settings read_smtp_settings(config::reader& reader, mailbox from);

}  // namespace micro_sayur::notification_service
