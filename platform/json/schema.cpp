// SPDX-License-Identifier: Apache-2.0
#include "platform/json/schema.hpp"

#include <boost/json/array.hpp>

namespace micro_sayur::json {

boost::json::object schema_set::string_schema(const field_rule& rule) {
  boost::json::object schema{{"type", "string"}};
  if (rule.min_length) schema["minLength"] = *rule.min_length;
  if (rule.max_length) schema["maxLength"] = *rule.max_length;
  if (!rule.format.empty()) schema["format"] = rule.format;
  if (!rule.one_of.empty()) schema["enum"] = boost::json::array(rule.one_of.begin(), rule.one_of.end());
  return schema;
}

boost::json::object schema_set::number_schema(const field_rule& rule, std::string_view type) {
  boost::json::object schema{{"type", type}};
  if (rule.minimum) schema["minimum"] = *rule.minimum;
  if (rule.maximum) schema["maximum"] = *rule.maximum;
  return schema;
}

boost::json::object schema_set::or_null(boost::json::object schema) { return {{"anyOf", {std::move(schema), {{"type", "null"}}}}}; }

boost::json::object schema_set::described(boost::json::object schema, const field_rule& rule) {
  if (!rule.description.empty()) schema["description"] = rule.description;
  if (!rule.example.empty()) schema["examples"] = boost::json::array{rule.example};
  return schema;
}

}  // namespace micro_sayur::json
