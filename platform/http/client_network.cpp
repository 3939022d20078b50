// SPDX-License-Identifier: Apache-2.0
#include "platform/http/client_network.hpp"

#include <algorithm>

namespace micro_sayur::http {

namespace ip = boost::asio::ip;

ip::address network_of(const ip::address& client) {
  if (!client.is_v6()) return client;
  if (client.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, client.to_v6());
  auto bytes = client.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return ip::address_v6(bytes);
}

std::string client_network(const ip::address& client) { return network_of(client).to_string(); }

}  // namespace micro_sayur::http
