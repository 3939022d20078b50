// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/page_endpoints.hpp"

#include "user-service/pages/pages.hpp"

namespace micro_sayur::user_service {

std::vector<http::route> page_routes(std::string_view mailbox_url) {
  std::vector<http::route> routes;
  for (auto& each : make_pages(mailbox_url)) routes.push_back(page_route(std::move(each)));
  return routes;
}

}  // namespace micro_sayur::user_service
