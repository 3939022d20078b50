// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace micro_sayur::user_service {

/// By whom a request is counted: an IPv4 address (an IPv6 one that maps it likewise, RFC 4291 section 2.5.5.2), or the /64 of an IPv6
/// address, of which a single host has 2^64. Other text is returned as it is.
std::string client_network(const std::string& address);

}  // namespace micro_sayur::user_service
