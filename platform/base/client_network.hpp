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

/// To which site a network belongs, as client_network() names it: to the /48 around an IPv6 network, which is what one site gets at most
/// (RFC 6177); an IPv4 address is its own. Of a mobile provider a /48 may hold thousands of phones: it is allowed more than a network.
std::string client_site(const std::string& network);

}  // namespace micro_sayur
