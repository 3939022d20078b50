// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/ports/notification_store.hpp"
#include "platform/sql/database.hpp"
#include "platform/sql/prune.hpp"

#include <memory>
#include <vector>

namespace micro_sayur::notification_service {

/// `on` must outlive the store.
std::unique_ptr<notification_store> make_sql_notification_store(sql::database& on);

/// Notifications and the ids of forgotten users are kept for 90 days, the values of failed and withheld notifications, and the
/// inbox, for 14.
std::vector<sql::retention> notification_retention();

}  // namespace micro_sayur::notification_service
