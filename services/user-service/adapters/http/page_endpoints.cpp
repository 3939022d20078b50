// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/page_endpoints.hpp"

#include "user-service/pages/pages.hpp"

#include <memory>

namespace micro_sayur::user_service {
namespace {

http::response page_response(const page& what) {
  http::response answer(200, std::string(what.content_type), what.body);
  answer.with("Content-Security-Policy", std::string(content_security_policy))
      .with("Referrer-Policy", "no-referrer")
      .with("Cache-Control", what.path.starts_with("/assets/") ? "public, max-age=300" : "no-store");
  // Pages speak both: as they are sent, and by their script.
  if (what.content_type.starts_with("text/html")) answer.with("Content-Language", "id, en");
  return answer;
}

}  // namespace

std::vector<http::route> page_routes(std::string_view mailbox_url) {
  std::vector<http::route> routes;
  for (auto& each : make_pages(mailbox_url)) {
    // The route's path lives as long as its handler.
    const auto what = std::make_shared<const page>(std::move(each));
    routes.push_back({.verb = http::method::get, .path = what->path, .handle = [what](http::request&) -> async::task<http::response> {
                        co_return page_response(*what);
                      }});
  }
  return routes;
}

}  // namespace micro_sayur::user_service
