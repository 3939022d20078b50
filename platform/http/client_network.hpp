// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/address.hpp>

#include <string>

namespace micro_sayur::http {

/// By whom a request is counted: an IPv4 address (an IPv6 one that maps it likewise, RFC 4291 section 2.5.5.2), or the /64 of an IPv6
/// address, of which a single host has 2^64.
boost::asio::ip::address network_of(const boost::asio::ip::address& client);

/// The same as text.
std::string client_network(const boost::asio::ip::address& client);

}  // namespace micro_sayur::http
