// SPDX-License-Identifier: Apache-2.0
#include "platform/http/forwarded.hpp"

#include "platform/http/field_list.hpp"

#include <string_view>

namespace micro_sayur::http {
namespace {

/// Every hop in order; a proxy may append to a header or add one of its own.
std::string all_hops(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string hops;
  for (const auto& [name, value] : headers) {
    if (name != "x-forwarded-for") continue;
    if (!hops.empty()) hops += ",";
    hops += value;
  }
  return hops;
}

}  // namespace

boost::asio::ip::address client_address(const boost::asio::ip::address& peer,
                                        const std::vector<std::pair<std::string, std::string>>& headers, const proxy_chain& proxies) {
  auto client = peer;
  std::string hops;
  std::string_view chain;
  for (std::size_t hop = 0; hop < proxies.hops && proxies.is_trusted(client); ++hop) {
    if (hop == 0) chain = hops = all_hops(headers);
    const auto comma = chain.rfind(',');
    const auto last = trimmed(comma == std::string_view::npos ? chain : chain.substr(comma + 1));
    chain = comma == std::string_view::npos ? std::string_view{} : chain.substr(0, comma);
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(last), error);
    if (error) break;
    client = address;
  }
  return client;
}

}  // namespace micro_sayur::http
