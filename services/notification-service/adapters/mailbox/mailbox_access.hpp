// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/config/network.hpp"
#include "platform/http/router.hpp"

#include <string_view>

namespace micro_sayur::notification_service {

/// Whether a Host header (RFC 9110 section 7.2) names this machine to itself: localhost, 127.0.0.1 or [::1], with any port.
bool names_loopback(std::string_view host);

/// The handler for requests from this machine, and from `others`, that name loopback. A client from elsewhere gets forbidden: it reads what
/// resets every password. What does not name loopback gets misdirected_request: a page of a stranger whose name resolves to 127.0.0.1 (DNS
/// rebinding) is of the same origin as what it reads here, yet its requests name the stranger.
http::handler for_readers_only(http::handler inner, config::network_list others);

}  // namespace micro_sayur::notification_service
