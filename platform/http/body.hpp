// SPDX-License-Identifier: Apache-2.0
// From the body of a request to a described struct.
#pragma once

#include "platform/http/message.hpp"
#include "platform/json/decode.hpp"
#include "platform/json/reader.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace micro_sayur::http {

/// The body as JSON, of objects with at most `member_limit` members. Throws problem_error: unsupported_media_type (also without a
/// Content-Type), malformed_json with the place.
boost::json::value read_json(const request& from, std::initializer_list<std::string_view> media_types = {"application/json"},
                             std::size_t member_limit = json::most_members);

/// The body as T. Throws problem_error as `read_json`, and validation_failed or unknown_field with the faults.
template <typename T>
T read_body(const request& from, std::initializer_list<std::string_view> media_types = {"application/json"}) {
  auto decoded = json::decode<T>(read_json(from, media_types, std::max(json::most_members, json::largest_object<T>())));
  if (!decoded) throw problem_error(validation_problem(std::move(decoded.error())));
  return std::move(*decoded);
}

}  // namespace micro_sayur::http
