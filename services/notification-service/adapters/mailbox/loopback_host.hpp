// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/http/router.hpp"

#include <string_view>

namespace micro_sayur::notification_service {

/// Whether a Host header (RFC 9110 section 7.2) names this machine to itself: localhost, 127.0.0.1 or [::1], with any port.
bool names_loopback(std::string_view host);

/// The handler for requests that name loopback; all others get misdirected_request. A page of a stranger whose name resolves to 127.0.0.1
/// (DNS rebinding) is of the same origin as what it reads here, yet its requests name the stranger.
http::handler for_loopback_only(http::handler inner);

}  // namespace micro_sayur::notification_service
