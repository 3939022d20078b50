// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/client_network.hpp"
#include "user-service/domain/throttling.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace micro_sayur::user_service {

/// By whom an IPv6 request is counted besides its network: whoever rents a server or a tunnel has thousands of networks.
struct client_limit {
  std::string client;
  std::int64_t networks;  ///< how many networks' allowance it has
};

/// Of a network as client_network() names it: itself first; of an IPv4 address nothing else.
inline std::vector<client_limit> client_limits(const std::string& network) {
  std::vector<client_limit> limits{{network, 1}};
  const std::pair<unsigned, std::int64_t> wider[] = {{home_prefix, networks_of_a_home}, {site_prefix, networks_of_a_site}};
  for (const auto& [prefix, networks] : wider)
    if (auto block = wider_network(network, prefix); block != network) limits.push_back({std::move(block), networks});
  return limits;
}

}  // namespace micro_sayur::user_service
