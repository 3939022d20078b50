// SPDX-License-Identifier: Apache-2.0
#include "platform/http/client_network.hpp"

#include <algorithm>

namespace micro_sayur::http {

namespace ip = boost::asio::ip;

std::string client_network(const ip::address& address) {
  if (!address.is_v6()) return address.to_string();
  const auto sixth = address.to_v6();
  if (sixth.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, sixth).to_string();
  auto bytes = sixth.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return ip::address_v6(bytes).to_string();
}

}  // namespace micro_sayur::http
