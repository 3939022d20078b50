// SPDX-License-Identifier: Apache-2.0
#include "platform/http/body.hpp"

#include "platform/http/field_list.hpp"

#include <fmt/format.h>
#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace micro_sayur::http {
namespace {

std::string_view media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  return content_type;
}

/// RFC 9110 section 15.5.16.
void refuse_encodings(const request& from) {
  for (const auto coding : elements_of(from.header_list("content-encoding").value_or("")))
    if (!boost::beast::iequals(coding, "identity"))
      throw problem_error({.type = problems::unsupported_media_type,
                           .detail = "Send the body as it is, without Content-Encoding.",
                           .accept_encoding = "identity"});
}

}  // namespace

boost::json::value read_json(const request& from, std::initializer_list<std::string_view> media_types, std::size_t member_limit) {
  const auto given = media_type(from.header("content-type"));
  if (std::none_of(media_types.begin(), media_types.end(), [&](auto wanted) { return boost::beast::iequals(given, wanted); }))
    throw problem_error(
        {.type = problems::unsupported_media_type, .detail = fmt::format("Send Content-Type: {}.", fmt::join(media_types, " or "))});
  refuse_encodings(from);
  auto parsed = json::parse(from.body, member_limit);
  if (!parsed) throw problem_error({.type = problems::malformed_json, .detail = parsed.error().to_string()});
  return std::move(*parsed);
}

}  // namespace micro_sayur::http
