// SPDX-License-Identifier: Apache-2.0
#include "platform/http/problem.hpp"

#include "platform/json/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace micro_sayur::http {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  if (out.back() != '{') out.push_back(',');
  json::append_string(out, name);
  out.push_back(':');
  json::append_string(out, text);
}

}  // namespace

problem validation_problem(std::vector<json::fault> faults) {
  const bool only_unknown = std::all_of(faults.begin(), faults.end(), [](const auto& each) { return each.code == "unknown_field"; });
  const bool there_are_more = faults.size() > json::most_faults;
  if (there_are_more) faults.erase(faults.begin() + json::most_faults, faults.end());
  return {.type = only_unknown ? problems::unknown_field : problems::validation_failed,
          .detail = there_are_more ? fmt::format("See 'errors' for the first {} faults; there are more.", json::most_faults)
                                   : "See 'errors' for each field.",
          .errors = std::move(faults)};
}

std::string to_json(const problem& what, std::string_view request_id) {
  std::string out = "{";
  append_member(out, "type", "/problems/" + std::string(what.type.code));
  append_member(out, "title", what.type.title);
  out += R"(,"status":)";
  json::append_number(out, static_cast<std::int64_t>(what.type.status));
  append_member(out, "code", what.type.code);
  if (!what.detail.empty()) append_member(out, "detail", what.detail);
  append_member(out, "request_id", request_id);
  if (!what.errors.empty()) {
    out += R"(,"errors":[)";
    for (const auto& each : what.errors) {
      if (out.back() != '[') out.push_back(',');
      out.push_back('{');
      append_member(out, "field", each.field);
      append_member(out, "code", each.code);
      append_member(out, "message", each.message);
      out.push_back('}');
    }
    out.push_back(']');
  }
  out.push_back('}');
  return out;
}

}  // namespace micro_sayur::http
