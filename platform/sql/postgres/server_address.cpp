// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/postgres/server_address.hpp"

#include "platform/sql/error.hpp"

#include <fmt/core.h>
#include <boost/asio/as_tuple.hpp>

#include <ranges>

namespace micro_sayur::sql::postgres {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_addresses_of_a_name = 8;

bool needs_no_resolver(const std::string& host) {
  boost::system::error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  return !not_numeric;
}

}  // namespace

async::task<std::vector<server_address>> resolve(host_resolver& names, const std::vector<std::string>& hosts) {
  std::vector<server_address> all;
  std::string faults;
  for (const auto& host : hosts) {
    if (host.starts_with('/') || host.starts_with('@')) {
      all.push_back({host});
    } else if (needs_no_resolver(host)) {
      all.push_back({host, host});
    } else {
      const auto [failure, found] = co_await names.async_resolve(host, "", asio::as_tuple(async::use_task));
      if (failure) faults += fmt::format("{}cannot resolve {}: {}", faults.empty() ? "" : "; ", host, failure.message());
      for (const auto& entry : found | std::views::take(most_addresses_of_a_name))
        all.push_back({host, entry.endpoint().address().to_string()});
    }
  }
  if (all.empty()) throw unavailable(faults);
  co_return all;
}

}  // namespace micro_sayur::sql::postgres
