// SPDX-License-Identifier: Apache-2.0
#include "platform/base/client_network.hpp"

#include <gtest/gtest.h>

namespace micro_sayur {
namespace {

std::string network_of(const char* address) { return client_network(boost::asio::ip::make_address(address)); }

TEST(ClientNetwork, AHostWithManyIpv6AddressesIsOneClient) {
  EXPECT_EQ(network_of("2001:db8:1:2:3:4:5:6"), network_of("2001:db8:1:2::1"));
  EXPECT_NE(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("::ffff:192.0.2.1"), "192.0.2.1");
}

TEST(ClientNetwork, AllNetworksOfASiteAreOneSite) {
  EXPECT_EQ(client_site("2001:db8:1:2::"), "2001:db8:1::/48");
  EXPECT_EQ(client_site("2001:db8:1:2::"), client_site("2001:db8:1:ffff::"));
  EXPECT_NE(client_site("2001:db8:1:2::"), client_site("2001:db8:2:2::"));
  EXPECT_EQ(wider_network("2001:db8:1:2ff::", home_prefix), "2001:db8:1:200::/56");
  EXPECT_EQ(client_site("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_site(""), "");
}

}  // namespace
}  // namespace micro_sayur
