// SPDX-License-Identifier: Apache-2.0
#include "platform/http/connection_counts.hpp"

#include <algorithm>

namespace micro_sayur::http {
namespace {

namespace ip = boost::asio::ip;

ip::address counted_as(const ip::address& client) {
  if (!client.is_v6()) return client;
  if (client.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, client.to_v6());
  auto bytes = client.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return ip::address_v6(bytes);
}

}  // namespace

bool connection_counts::take(const ip::address& client, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  const auto count = counts_.try_emplace(counted_as(client), 0).first;
  if (count->second >= limit) return false;  // an entry is never left at 0: the limit is at least 1
  ++count->second;
  return true;
}

void connection_counts::give_back(const ip::address& client) {
  const std::lock_guard lock(mutex_);
  const auto count = counts_.find(counted_as(client));
  if (--count->second == 0) counts_.erase(count);
}

}  // namespace micro_sayur::http
