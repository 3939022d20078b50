// SPDX-License-Identifier: Apache-2.0
#include "platform/http/openapi.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>

namespace micro_sayur::http {
namespace {

namespace bj = boost::json;

bj::object problem_schema() {
  const bj::object text{{"type", "string"}};
  bj::array codes;
  for (const auto& each : problems::all) codes.emplace_back(each.code);
  return {{"type", "object"},
          {"required", {"type", "title", "status", "code", "request_id"}},
          {"properties",
           {{"type", {{"type", "string"}, {"format", "uri-reference"}}},
            {"title", text},
            {"status", {{"type", "integer"}}},
            {"code", {{"type", "string"}, {"enum", std::move(codes)}}},
            {"detail", text},
            {"request_id", text},
            {"errors",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"required", {"field", "code", "message"}},
                {"properties", {{"field", text}, {"code", text}, {"message", text}}}}}}}}}};
}

/// What the route itself names, and what the server can answer to any request of its kind.
std::map<unsigned, std::string> problems_of(const route& each) {
  auto named = each.document.problems;
  named.insert(named.end(), {problems::bad_request, problems::request_timeout, problems::header_too_large, problems::internal_error,
                             problems::not_implemented, problems::unavailable, problems::payload_too_large});
  if (each.document.bearer) named.insert(named.end(), {problems::unauthenticated});
  if (each.path.starts_with("/api/") && !each.any_query) named.push_back(problems::unknown_parameter);
  if (each.document.body)
    named.insert(named.end(),
                 {problems::malformed_json, problems::unsupported_media_type, problems::validation_failed, problems::unknown_field});
  std::map<unsigned, std::string> by_status;
  for (const auto& type : named) {
    auto& text = by_status[type.status];
    if (text.find("`" + std::string(type.code) + "`") != std::string::npos) continue;
    text += (text.empty() ? "`" : " `") + std::string(type.code) + "`: " + std::string(type.title) + ".";
  }
  return by_status;
}

bj::object answers_of(const route& each, json::schema_set& schemas) {
  bj::object answers;
  for (const auto& good : each.document.answers) {
    bj::object answer{{"description", good.description}};
    if (good.schema) answer["content"] = {{good.content_type, {{"schema", good.schema(schemas)}}}};
    answers[std::to_string(good.status)] = std::move(answer);
  }
  for (const auto& [status, text] : problems_of(each))
    answers[std::to_string(status)] = {
        {"description", text}, {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  return answers;
}

bj::array parameters_of(const route& each) {
  bj::array parameters;
  for (const auto& one : each.document.parameters)
    parameters.push_back(bj::object{{"name", one.name},
                                    {"in", one.in},
                                    {"description", one.description},
                                    {"required", one.required || one.in == "path"},
                                    {"schema", one.schema}});
  return parameters;
}

bj::object operation_of(const route& each, json::schema_set& schemas) {
  const auto& document = each.document;
  bj::object operation{{"operationId", document.id}, {"summary", document.summary}, {"tags", {document.tag}}};
  if (document.bearer) operation["security"] = bj::array{bj::object{{"bearer", bj::array{}}}};
  if (!document.parameters.empty()) operation["parameters"] = parameters_of(each);
  if (document.body) {
    const auto schema = document.body(schemas);
    bj::object content;
    for (const auto& type : document.body_types) content[type] = {{"schema", schema}};
    operation["requestBody"] = {{"required", true}, {"content", std::move(content)}};
  }
  operation["responses"] = answers_of(each, schemas);
  return operation;
}

std::string verb_key(method verb) {
  std::string key(to_string(verb));
  std::transform(key.begin(), key.end(), key.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return key;
}

/// What people open in a browser: paths without an operation.
bj::array pages_of(const router& routes) {
  bj::array pages;
  for (const auto& each : routes.routes())
    if (each.document.id.empty()) pages.emplace_back(each.path);
  return pages;
}

}  // namespace

std::string openapi_document(const router& routes, std::string_view title, std::string_view version) {
  json::schema_set schemas;
  bj::object paths;
  for (const auto& each : routes.routes()) {
    if (each.document.id.empty()) continue;
    auto& path = paths[each.path];
    if (!path.is_object()) path = bj::object{};
    path.as_object()[verb_key(each.verb)] = operation_of(each, schemas);
  }
  bj::object components = schemas.schemas();
  components["Problem"] = problem_schema();
  return bj::serialize(
      bj::object{{"openapi", "3.1.0"},
                 {"info", {{"title", title}, {"version", version}, {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
                 {"servers", {{{"url", "."}}}},
                 {"paths", std::move(paths)},
                 {"x-pages", pages_of(routes)},
                 {"components",
                  {{"schemas", std::move(components)},
                   {"securitySchemes", {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}}}});
}

}  // namespace micro_sayur::http
