// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::notification_service {

/// What a notification is about; each kind has a template in each locale.
enum class notification_kind { email_verification, password_reset, password_changed, registration_attempted };

inline constexpr std::array all_notification_kinds{notification_kind::email_verification, notification_kind::password_reset,
                                                   notification_kind::password_changed, notification_kind::registration_attempted};

enum class locale { indonesian, english };

enum class notification_status {
  pending,  ///< waits for its first or next attempt
  sending,  ///< an attempt is under way, or was when its process died
  sent,     ///< the mail server has taken it
  failed,   ///< no further attempt is made unless somebody asks for it
  withheld  ///< its recipient is none of those who may be mailed; kept until it is released
};

std::string_view to_string(notification_kind kind);
std::string_view to_string(locale which);  ///< "id" or "en"
std::string_view to_string(notification_status status);

std::optional<notification_kind> parse_kind(std::string_view text);
std::optional<notification_status> parse_status(std::string_view text);

/// Anything but "en" is Indonesian.
locale parse_locale(std::string_view text);

/// What a template is filled with.
using template_values = std::map<std::string, std::string, std::less<>>;

/// One message to one person.
struct notification {
  uuid id;
  notification_kind kind;
  uuid user_id;
  std::string recipient;  ///< address as its owner typed it
  locale language;
  std::optional<template_values> values;  ///< erased once sent, since links hold tokens
  notification_status status = notification_status::pending;
  std::int64_t attempts = 0;  ///< begun
  std::int64_t failures = 0;  ///< attempts that the mail server refused for the time being, or of which no outcome is known
  timestamp created_at;
  std::string request_id;                             ///< of the request that caused it; may be empty
  std::string traceparent;                            ///< likewise
  std::optional<timestamp> caused_at = std::nullopt;  ///< the time of the event; nullopt: an earlier version took it
  bool released = false;                              ///< was withheld, and goes to whomever it is for
};

/// How one attempt ended.
struct attempt {
  std::int64_t number;  ///< from 1
  timestamp started_at;
  std::optional<timestamp> ended_at;
  std::string outcome;  ///< "sent", "temporary_failure", "permanent_failure", "unavailable"; "" while it runs or when its process died
  std::string detail;   ///< what the mail server said
};

/// The key under which notifications of an address are found: without surrounding spaces, in lower case (ASCII).
std::string recipient_key(std::string_view address);

}  // namespace micro_sayur::notification_service
