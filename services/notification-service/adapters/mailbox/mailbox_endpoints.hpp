// SPDX-License-Identifier: Apache-2.0
// The page /mailbox and what it reads. Whoever reads it resets every password: it is shown to this machine alone, unless told otherwise.
#pragma once

#include "notification-service/adapters/mailbox/mailbox_store.hpp"
#include "platform/config/network.hpp"
#include "platform/http/router.hpp"

#include <vector>

namespace micro_sayur::notification_service {

/// `store` must outlive the routes. `others` may read the mails as this machine may.
std::vector<http::route> mailbox_routes(mailbox_store& store, const config::network_list& others);

/// The HTML of a mail as it is shown in a frame: its links open in a new tab.
std::string framed_html(std::string_view html);

}  // namespace micro_sayur::notification_service
