// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/domain/mail.hpp"
#include "notification-service/domain/notification.hpp"

namespace micro_sayur::notification_service {

/// Fills templates. Thread-safe.
class mail_renderer {
 public:
  virtual ~mail_renderer() = default;

  /// Values are escaped in the HTML. A value that the template wants and that is missing leaves its place empty.
  virtual rendered_mail render(notification_kind kind, locale language, const template_values& values) const = 0;
};

}  // namespace micro_sayur::notification_service
