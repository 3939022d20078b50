// SPDX-License-Identifier: Apache-2.0
// Where servers may listen, found without blocking.
#pragma once

#include "platform/async/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

namespace micro_sayur::sql::postgres {

/// A server's name, against which its certificate is verified, and one of the name's addresses.
struct server_address {
  std::string host;
  std::string address = {};  ///< empty: `host` is the directory of a Unix socket, or an abstract one

  bool operator==(const server_address&) const = default;
};

using host_resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, async::executor>;

/// Every address of every host, in their order; of one name at most 8. A name that cannot be resolved is passed over while another can:
/// throws `unavailable` when none is left.
async::task<std::vector<server_address>> resolve(host_resolver& names, const std::vector<std::string>& hosts);

}  // namespace micro_sayur::sql::postgres
