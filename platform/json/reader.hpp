// SPDX-License-Identifier: Apache-2.0
// Reading untrusted JSON (RFC 8259), stricter than the RFC where it leaves room: duplicate keys, NUL characters, numbers beyond a
// double and objects of very many members are refused.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace micro_sayur::json {

/// Nesting beyond this is refused.
inline constexpr std::size_t max_depth = 16;

/// Objects with more members are refused, so that what looks a name up may compare it with each: no hash that a sender could make
/// collide. More than any object has that is described (see `largest_object` in decode.hpp).
inline constexpr std::size_t most_members = 64;

/// Where the text stops being acceptable, and why.
struct syntax_error {
  std::size_t line = 1;    ///< from 1
  std::size_t column = 1;  ///< from 1, in bytes
  std::string message;     ///< such as "duplicate key 'email'"

  /// "line 1, column 9: duplicate key 'email'"
  std::string to_string() const;
};

/// The whole text must be one JSON value without an object of more than `member_limit` members. Memory is bounded by a small multiple of
/// the text.
std::expected<boost::json::value, syntax_error> parse(std::string_view text, std::size_t member_limit = most_members);

}  // namespace micro_sayur::json
