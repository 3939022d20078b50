// SPDX-License-Identifier: Apache-2.0
// JSON Schema (2020-12, as OpenAPI 3.1 uses it) of described structs.
#pragma once

#include "platform/json/decode.hpp"

#include <boost/json/object.hpp>

namespace micro_sayur::json {

/// Named schemas under "#/components/schemas".
class schema_set {
 public:
  /// Adds T and what it contains; returns {"$ref": "#/components/schemas/NAME"} for a described struct, a plain schema otherwise.
  template <typename T>
  boost::json::object add(const field_rule& rule = {.field = ""}, bool closed = false) {
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
      return string_schema(rule);
    } else if constexpr (std::is_same_v<T, bool>) {
      return {{"type", "boolean"}};
    } else if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>) {
      return number_schema(rule, std::is_same_v<T, std::int64_t> ? "integer" : "number");
    } else if constexpr (std::is_same_v<T, timestamp>) {
      return {{"type", "string"}, {"format", "date-time"}};
    } else if constexpr (std::is_same_v<T, uuid>) {
      return {{"type", "string"}, {"format", "uuid"}};
    } else if constexpr (is_optional<T>) {
      return or_null(add<typename T::value_type>(rule, closed));
    } else if constexpr (is_patch<T>) {
      return or_null(add<typename decltype(T::value)::value_type>(rule, closed));
    } else if constexpr (is_vector<T>) {
      return {{"type", "array"}, {"items", add<typename T::value_type>(rule, closed)}};
    } else {
      if (!schemas_.contains(about<T>::name)) schemas_[about<T>::name] = object_schema<T>(closed);
      return {{"$ref", "#/components/schemas/" + std::string(about<T>::name)}};
    }
  }

  const boost::json::object& schemas() const { return schemas_; }

 private:
  template <typename T>
  boost::json::object object_schema(bool closed) {
    boost::json::object properties;
    boost::json::array required;
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
      using member_type = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
      const auto rule = rule_of<T>(member.name);
      properties[member.name] = described(add<member_type>(rule, closed), rule);
      // What we send is always complete; what we receive may leave optional members out.
      if (!closed || (!is_optional<member_type> && !is_patch<member_type>)) required.emplace_back(member.name);
    });
    boost::json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    if (closed) schema["additionalProperties"] = false;
    return schema;
  }

  static boost::json::object string_schema(const field_rule& rule);
  static boost::json::object number_schema(const field_rule& rule, std::string_view type);
  static boost::json::object or_null(boost::json::object schema);
  static boost::json::object described(boost::json::object schema, const field_rule& rule);

  boost::json::object schemas_;
};

}  // namespace micro_sayur::json
