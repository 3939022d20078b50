// SPDX-License-Identifier: Apache-2.0
// How many connections each client has open.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <map>
#include <mutex>

namespace micro_sayur::http {

/// Counts by network_of() the client. Thread-safe.
class connection_counts {
 public:
  /// One connection more of this client; false, and nothing is counted, when it has `limit` already.
  bool take(const boost::asio::ip::address& client, std::size_t limit);

  /// One less. Only after `take`.
  void give_back(const boost::asio::ip::address& client);

 private:
  std::mutex mutex_;
  std::map<boost::asio::ip::address, std::size_t> counts_;
};

}  // namespace micro_sayur::http
