// SPDX-License-Identifier: Apache-2.0
// Reading untrusted JSON (RFC 8259), stricter than the RFC where it leaves room: duplicate keys, NUL characters and numbers
// beyond a double are refused.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace micro_sayur::json {

/// Nesting beyond this is refused.
inline constexpr std::size_t max_depth = 16;

/// Where the text stops being acceptable, and why.
struct syntax_error {
  std::size_t line = 1;    ///< from 1
  std::size_t column = 1;  ///< from 1, in bytes
  std::string message;     ///< such as "duplicate key 'email'"

  /// "line 1, column 9: duplicate key 'email'"
  std::string to_string() const;
};

/// The whole text must be one JSON value. Memory is bounded by a small multiple of the text.
std::expected<boost::json::value, syntax_error> parse(std::string_view text);

}  // namespace micro_sayur::json
