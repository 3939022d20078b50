// SPDX-License-Identifier: Apache-2.0
// The page /mailbox and what it reads. Whoever reaches these routes reads every mail: they belong on loopback only, and answer only those
// who call it so.
#pragma once

#include "notification-service/adapters/mailbox/mailbox_store.hpp"
#include "platform/http/router.hpp"

#include <vector>

namespace micro_sayur::notification_service {

/// `store` must outlive the routes.
std::vector<http::route> mailbox_routes(mailbox_store& store);

/// The HTML of a mail as it is shown in a frame: its links open in a new tab.
std::string framed_html(std::string_view html);

}  // namespace micro_sayur::notification_service
