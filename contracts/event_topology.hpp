// SPDX-License-Identifier: Apache-2.0
// Where events travel, once for both ends: names cannot change after they were declared in a broker. docs/asyncapi.yaml describes the same.
#pragma once

#include <array>
#include <string_view>

namespace micro_sayur::event_topology {

inline constexpr std::string_view exchange = "micro-sayur";
inline constexpr std::string_view notification_queue = "notification-service";

/// The types that notification-service takes; the routing key of an event is its type.
inline constexpr std::array<std::string_view, 6> notification_types{
    "user.registered",       "user.email_verification_requested", "user.password_reset_requested",
    "user.password_changed", "user.registration_attempted",       "user.deleted"};

}  // namespace micro_sayur::event_topology
