// SPDX-License-Identifier: Apache-2.0
// By whom a request is counted. A host with IPv6 has 2^64 addresses, and whoever rents a server or a tunnel may have 2^16 such networks.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>

namespace micro_sayur {

/// An IPv4 address (an IPv6 one that maps it likewise, RFC 4291 section 2.5.5.2), or the /64 of an IPv6 address.
boost::asio::ip::address network_of(const boost::asio::ip::address& client);

/// The same as text.
std::string client_network(const boost::asio::ip::address& client);

/// Of the leading bits of an IPv6 address, how many a provider gives to a home, and at most to a site (RFC 6177). A mobile provider's
/// phones have a network each, so that either may hold strangers to each other.
inline constexpr unsigned home_prefix = 56;
inline constexpr unsigned site_prefix = 48;

/// The block around a network that client_network() named, such as "2001:db8:1::/48"; an IPv4 address is its own. `prefix` is a multiple of
/// 8 below 64.
std::string wider_network(const std::string& network, unsigned prefix);

inline std::string client_site(const std::string& network) { return wider_network(network, site_prefix); }

}  // namespace micro_sayur
