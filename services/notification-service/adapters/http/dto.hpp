// SPDX-License-Identifier: Apache-2.0
// The bodies of answers. What a notification is filled with never appears: its links hold tokens.
#pragma once

#include "notification-service/domain/notification.hpp"
#include "notification-service/ports/notification_store.hpp"
#include "platform/json/about.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::notification_service::dto {

struct notification {
  uuid id;
  std::string kind;
  uuid user_id;
  std::optional<std::string> recipient;
  std::string locale;
  std::string status;
  std::int64_t attempt_count;
  bool content_erased;
  timestamp created_at;
  std::optional<std::string> request_id;
  std::optional<std::string> traceparent;
};
BOOST_DESCRIBE_STRUCT(notification, (),
                      (id, kind, user_id, recipient, locale, status, attempt_count, content_erased, created_at, request_id, traceparent))

struct attempt {
  std::int64_t number;
  timestamp started_at;
  std::optional<timestamp> ended_at;
  std::optional<std::string> outcome;
  std::optional<std::string> detail;
};
BOOST_DESCRIBE_STRUCT(attempt, (), (number, started_at, ended_at, outcome, detail))

struct notification_details {
  uuid id;
  std::string kind;
  uuid user_id;
  std::optional<std::string> recipient;
  std::string locale;
  std::string status;
  std::int64_t attempt_count;
  bool content_erased;
  timestamp created_at;
  std::optional<std::string> request_id;
  std::optional<std::string> traceparent;
  std::vector<attempt> attempts;
};
BOOST_DESCRIBE_STRUCT(notification_details, (),
                      (id, kind, user_id, recipient, locale, status, attempt_count, content_erased, created_at, request_id, traceparent,
                       attempts))

struct notification_list {
  std::vector<notification> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(notification_list, (), (items, next_cursor))

notification to_notification(const notification_service::notification& from);
notification_details to_details(const notification_history& from);

}  // namespace micro_sayur::notification_service::dto

namespace micro_sayur::json {

inline constexpr std::array<std::string_view, 4> notification_kinds{"email_verification", "password_reset", "password_changed",
                                                                    "registration_attempted"};
inline constexpr std::array<std::string_view, 5> notification_statuses{"pending", "sending", "sent", "failed", "withheld"};
inline constexpr std::array<std::string_view, 2> notification_locales{"id", "en"};
inline constexpr std::array<std::string_view, 5> attempt_outcomes{"sent", "temporary_failure", "permanent_failure", "unavailable",
                                                                  "withheld"};

inline constexpr std::array notification_rules{
    field_rule{.field = "kind", .one_of = notification_kinds},
    field_rule{
        .field = "recipient", .description = "The address as its owner typed it; `null` once the user is deleted", .format = "idn-email"},
    field_rule{.field = "locale", .one_of = notification_locales},
    field_rule{.field = "status",
               .description = "`withheld`: this instance may not mail its recipient; kept until an operator releases it",
               .one_of = notification_statuses},
    field_rule{.field = "attempt_count", .description = "Attempts begun"},
    field_rule{.field = "content_erased", .description = "Whether what the mail would be filled with is gone, as it is once it was sent"},
    field_rule{.field = "request_id", .description = "Id of the request that caused it"},
    field_rule{.field = "traceparent", .description = "Trace context of that request"}};

template <>
struct about<notification_service::dto::notification> {
  static constexpr std::string_view name = "Notification";
  static constexpr auto fields = notification_rules;
};
template <>
struct about<notification_service::dto::notification_details> {
  static constexpr std::string_view name = "NotificationDetails";
  static constexpr auto fields = notification_rules;
};
template <>
struct about<notification_service::dto::attempt> {
  static constexpr std::string_view name = "NotificationAttempt";
  static constexpr std::array fields{field_rule{.field = "outcome", .description = "`null` while it runs, or when its process died"},
                                     field_rule{.field = "detail", .description = "What the mail server said"}};
};
template <>
struct about<notification_service::dto::notification_list> {
  static constexpr std::string_view name = "NotificationList";
  static constexpr std::array fields{field_rule{.field = "next_cursor", .description = "`null` on the last page"}};
};

}  // namespace micro_sayur::json
