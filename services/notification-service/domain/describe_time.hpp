// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/domain/notification.hpp"

namespace micro_sayur::notification_service {

/// For people, in UTC: "23 November 2026 pukul 09.26 UTC", "23 November 2026 at 09:26 UTC".
std::string describe_time(timestamp time, locale language);

}  // namespace micro_sayur::notification_service
