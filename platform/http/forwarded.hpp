// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace micro_sayur::http {

/// Who sent a request: `peer`, unless it is a trusted proxy. Then the rightmost address of X-Forwarded-For that is no trusted proxy, which
/// a trusted one saw for itself; what stands left of it anybody may have written. `headers` have names in lower case.
boost::asio::ip::address client_address(const boost::asio::ip::address& peer,
                                        const std::vector<std::pair<std::string, std::string>>& headers,
                                        const std::function<bool(const boost::asio::ip::address&)>& is_trusted_proxy);

}  // namespace micro_sayur::http
