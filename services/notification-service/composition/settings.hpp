// SPDX-License-Identifier: Apache-2.0
// What an operator decides about the notification-service itself; how its servers are reached stands with their drivers.
#pragma once

#include "notification-service/domain/mail.hpp"
#include "notification-service/domain/mail_recipients.hpp"
#include "platform/config/reader.hpp"
#include "platform/program/http_host.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

struct settings {
  program::http_settings http;
  std::string jwt_issuer;
  std::string jwt_audience;
  mail_recipients recipients;
};

/// `port_name` and what else is needed to listen, JWT_ISSUER, JWT_AUDIENCE and MAIL_RECIPIENTS.
settings read_settings(config::reader& from, std::string_view port_name = "HTTP_PORT");

/// MAIL_FROM. It must be set where there is no fallback.
mailbox read_mail_from(config::reader& from, std::string_view fallback = {});

}  // namespace micro_sayur::notification_service
