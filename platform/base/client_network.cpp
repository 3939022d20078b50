// SPDX-License-Identifier: Apache-2.0
#include "platform/base/client_network.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace micro_sayur {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned network_prefix = 64;

ip::address_v6 first_of(const ip::address_v6& address, unsigned prefix) {
  auto bytes = address.to_bytes();
  std::fill(bytes.begin() + prefix / 8, bytes.end(), 0);
  return ip::address_v6(bytes);
}

}  // namespace

ip::address network_of(const ip::address& client) {
  if (!client.is_v6()) return client;
  if (client.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, client.to_v6());
  return first_of(client.to_v6(), network_prefix);
}

std::string client_network(const ip::address& client) { return network_of(client).to_string(); }

std::string wider_network(const std::string& network, unsigned prefix) {
  boost::system::error_code failure;
  const auto address = ip::make_address_v6(network, failure);
  if (failure) return network;
  return fmt::format("{}/{}", first_of(address, prefix).to_string(), prefix);
}

}  // namespace micro_sayur
