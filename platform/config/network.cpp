// SPDX-License-Identifier: Apache-2.0
#include "platform/config/network.hpp"

#include "platform/config/parse.hpp"

#include <algorithm>

namespace micro_sayur::config {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v6;

constexpr unsigned mapped_prefix = 96;

address unmapped(const address& from) {
  if (!from.is_v6() || !from.to_v6().is_v4_mapped()) return from;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, from.to_v6());
}

template <typename Bytes>
bool same_prefix(const Bytes& left, const Bytes& right, unsigned bits) {
  const auto whole = bits / 8;
  if (!std::equal(left.begin(), left.begin() + whole, right.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto shift = 8 - bits % 8;
  return left[whole] >> shift == right[whole] >> shift;
}

}  // namespace

std::optional<network> network::parse(std::string_view text) {
  const auto slash = text.find('/');
  boost::system::error_code error;
  const auto typed = boost::asio::ip::make_address(text.substr(0, slash), error);
  if (error || (typed.is_v6() && typed.to_v6().scope_id() != 0)) return std::nullopt;

  const auto base = unmapped(typed);
  const unsigned width = typed.is_v4() ? 32 : 128;
  const unsigned dropped = typed.is_v6() && base.is_v4() ? mapped_prefix : 0;
  if (slash == std::string_view::npos) return network(base, width - dropped);
  const auto prefix = parse_integer(text.substr(slash + 1));
  if (!prefix || *prefix < dropped || *prefix > width) return std::nullopt;
  return network(base, static_cast<unsigned>(*prefix) - dropped);
}

bool network::contains(const address& candidate) const {
  const auto other = unmapped(candidate);
  if (other.is_v4() != base_.is_v4()) return false;
  return base_.is_v4() ? same_prefix(base_.to_v4().to_bytes(), other.to_v4().to_bytes(), prefix_)
                       : same_prefix(base_.to_v6().to_bytes(), other.to_v6().to_bytes(), prefix_);
}

bool network_list::matches(const address& candidate) const {
  return std::ranges::any_of(networks_, [&](const network& one) { return one.contains(candidate); });
}

}  // namespace micro_sayur::config
