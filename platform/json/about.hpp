// SPDX-License-Identifier: Apache-2.0
// What a data transfer object says about itself beyond its members (BOOST_DESCRIBE_STRUCT): a name for the API document and
// rules for its fields. From these come parsing, validation, serialisation and the schema.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::json {

/// One fault of a request body. `field` is a path: "name", "items[2].id"; "" is the body itself.
struct fault {
  std::string field;
  /// required, wrong_type, too_short, too_long, too_small, too_large, not_allowed, invalid_format, unknown_field, unknown_parameter,
  /// given_twice
  std::string code;
  std::string message;  ///< a sentence for people
};

/// How many faults an answer names, however many there are: it must not grow with a hostile request.
inline constexpr std::size_t most_faults = 20;

struct field_rule {
  std::string_view field;
  std::string_view description = {};
  std::optional<std::size_t> min_length = {};  ///< in Unicode code points
  std::optional<std::size_t> max_length = {};  ///< in Unicode code points
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::string_view format = {};                   ///< for the API document: email, password, uuid, date-time
  std::span<const std::string_view> one_of = {};  ///< the only values accepted
  std::string_view example = {};
};

/// Specialised beside each described struct:
///   static constexpr std::string_view name;                 // "RegisterRequest"
///   static constexpr std::array<field_rule, N> fields;      // may be empty
template <typename T>
struct about;

/// The rule of a field, or an empty one.
template <typename T>
constexpr field_rule rule_of(std::string_view field) {
  for (const auto& rule : about<T>::fields)
    if (rule.field == field) return rule;
  return {.field = field};
}

/// A member of a JSON merge patch (RFC 7396): absent, null, or a value.
template <typename T>
struct patch {
  bool present = false;
  std::optional<T> value;
};

}  // namespace micro_sayur::json
