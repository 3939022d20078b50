// SPDX-License-Identifier: Apache-2.0
// From the text of an event (contracts/*.schema.json) to what this service makes of it.
#pragma once

#include "notification-service/app/receive_event.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

/// Fields that are not known are ignored, and so is an event of a type that mails nothing: it has no `kind`. The error says what is
/// wrong without quoting any value.
std::expected<incoming_event, std::string> read_event(std::string_view text);

}  // namespace micro_sayur::notification_service
