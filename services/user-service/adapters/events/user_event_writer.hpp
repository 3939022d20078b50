// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/events/cloud_event.hpp"
#include "user-service/domain/user_event.hpp"

#include <string_view>

namespace micro_sayur::user_service {

inline constexpr std::string_view event_source = "/user-service";

/// The event as contracts/<type>.schema.json describes it.
events::cloud_event to_cloud_event(const user_event& event, std::int64_t sequence);

}  // namespace micro_sayur::user_service
