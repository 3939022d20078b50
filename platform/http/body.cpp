// SPDX-License-Identifier: Apache-2.0
#include "platform/http/body.hpp"

#include <fmt/format.h>
#include <boost/beast/core/string.hpp>
#include <boost/url/parse_query.hpp>

#include <algorithm>

namespace micro_sayur::http {
namespace {

std::string_view media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  return content_type;
}

}  // namespace

boost::json::value read_json(const request& from, std::initializer_list<std::string_view> media_types, std::size_t member_limit) {
  const auto given = media_type(from.header("content-type"));
  if (std::none_of(media_types.begin(), media_types.end(), [&](auto wanted) { return boost::beast::iequals(given, wanted); }))
    throw problem_error(
        {.type = problems::unsupported_media_type, .detail = fmt::format("Send Content-Type: {}.", fmt::join(media_types, " or "))});
  auto parsed = json::parse(from.body, member_limit);
  if (!parsed) throw problem_error({.type = problems::malformed_json, .detail = parsed.error().to_string()});
  return std::move(*parsed);
}

std::optional<std::string> query_parameter(const request& from, std::string_view name) {
  const auto parsed = boost::urls::parse_query(from.query);
  if (!parsed) throw problem_error({.type = problems::bad_request, .detail = "The query string is not percent-encoded as RFC 3986 says."});
  std::optional<std::string> found;
  for (const auto each : boost::urls::params_view(*parsed)) {
    if (each.key != name) continue;
    if (found) throw problem_error({.type = problems::bad_request, .detail = fmt::format("The parameter '{}' is given twice.", name)});
    found = each.value;
  }
  return found;
}

}  // namespace micro_sayur::http
