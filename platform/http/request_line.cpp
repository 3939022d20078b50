// SPDX-License-Identifier: Apache-2.0
#include "platform/http/request_line.hpp"

#include <boost/beast/core/string.hpp>

namespace micro_sayur::http {

std::optional<method> known_method(boost::beast::http::verb given) {
  using boost::beast::http::verb;
  switch (given) {
    case verb::get:
    case verb::head: return method::get;
    case verb::post: return method::post;
    case verb::patch: return method::patch;
    case verb::put: return method::put;
    case verb::delete_: return method::remove;
    default: return std::nullopt;
  }
}

std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!boost::beast::iequals(target.substr(0, scheme.size()), scheme)) continue;
    const auto path = target.find_first_of("/?", scheme.size());
    if (path == std::string_view::npos) return "/";
    return target.substr(path);
  }
  return target;
}

}  // namespace micro_sayur::http
