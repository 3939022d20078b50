// SPDX-License-Identifier: Apache-2.0
#include "platform/http/connection_counts.hpp"

#include "platform/base/client_network.hpp"

namespace micro_sayur::http {

namespace ip = boost::asio::ip;

bool connection_counts::take(const ip::address& client, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  const auto count = counts_.try_emplace(network_of(client), 0).first;
  if (count->second >= limit) return false;  // an entry is never left at 0: the limit is at least 1
  ++count->second;
  return true;
}

void connection_counts::give_back(const ip::address& client) {
  const std::lock_guard lock(mutex_);
  const auto count = counts_.find(network_of(client));
  if (--count->second == 0) counts_.erase(count);
}

}  // namespace micro_sayur::http
