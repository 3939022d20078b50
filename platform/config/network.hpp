// SPDX-License-Identifier: Apache-2.0
// Blocks of IP addresses in CIDR notation (RFC 4632, RFC 4291), such as those of trusted proxies.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace micro_sayur::config {

/// IPv4-mapped IPv6 addresses (::ffff:10.0.0.1) count as the IPv4 address that they hold, here and in contains().
class network {
 public:
  /// "10.0.0.0/8", "2001:db8::/32" or a single address. Bits beyond the prefix are ignored. Anything else is nullopt.
  static std::optional<network> parse(std::string_view text);

  bool contains(const boost::asio::ip::address& address) const;

  /// A prefix of 0 bits.
  bool contains_everybody() const { return prefix_ == 0; }

 private:
  network(boost::asio::ip::address base, unsigned prefix) : base_(base), prefix_(prefix) {}

  boost::asio::ip::address base_;
  unsigned prefix_;
};

class network_list {
 public:
  network_list() = default;
  explicit network_list(std::vector<network> networks) : networks_(std::move(networks)) {}

  /// Whether any of the networks contains the address.
  bool matches(const boost::asio::ip::address& address) const;

  /// Whether one of the networks contains every address of its kind.
  bool matches_everybody() const { return std::ranges::any_of(networks_, &network::contains_everybody); }

  bool empty() const { return networks_.empty(); }

 private:
  std::vector<network> networks_;
};

}  // namespace micro_sayur::config
