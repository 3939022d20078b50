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

/// What could be read of the body, and its faults, for endpoints that have more to say about the fields. Throws as `read_json`.
template <typename T>
json::reading<T> read_whole_body(const request& from, std::initializer_list<std::string_view> media_types = {"application/json"}) {
  return json::read_all<T>(read_json(from, media_types, std::max(json::most_members, json::largest_object<T>())));
}

/// The body as T. Throws problem_error as `read_json`, and validation_failed or unknown_field with the faults.
template <typename T>
T read_body(const request& from, std::initializer_list<std::string_view> media_types = {"application/json"}) {
  auto read = read_whole_body<T>(from, media_types);
  if (!read.faults.empty()) throw problem_error(validation_problem(std::move(read.faults)));
  return std::move(read.value);
}

}  // namespace micro_sayur::http
