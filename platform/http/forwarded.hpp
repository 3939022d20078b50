// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace micro_sayur::http {

/// Whom a request may come through.
struct proxy_chain {
  std::function<bool(const boost::asio::ip::address&)> is_trusted = [](const auto&) { return false; };
  std::size_t hops = 1;  ///< proxies in front of us, each of which appends to X-Forwarded-For whom it got the request from
};

/// Who sent a request: `peer`, unless it is a trusted proxy. Then the last address of X-Forwarded-For, which that proxy saw for itself; if
/// it is a trusted proxy as well and there are more hops, the one before, and so on. What stands left of that anybody may have written, be
/// it from within the trusted networks. `headers` have names in lower case.
boost::asio::ip::address client_address(const boost::asio::ip::address& peer,
                                        const std::vector<std::pair<std::string, std::string>>& headers, const proxy_chain& proxies);

}  // namespace micro_sayur::http
