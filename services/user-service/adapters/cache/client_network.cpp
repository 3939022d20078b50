// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/cache/client_network.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace micro_sayur::user_service {

namespace ip = boost::asio::ip;

std::string client_network(const std::string& address) {
  boost::system::error_code failure;
  const auto parsed = ip::make_address(address, failure);
  if (failure || !parsed.is_v6()) return address;
  const auto sixth = parsed.to_v6();
  if (sixth.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, sixth).to_string();
  auto bytes = sixth.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return ip::address_v6(bytes).to_string();
}

}  // namespace micro_sayur::user_service
