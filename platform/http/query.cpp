// SPDX-License-Identifier: Apache-2.0
#include "platform/http/query.hpp"

#include "platform/base/utf8.hpp"
#include "platform/json/text.hpp"

#include <fmt/format.h>
#include <boost/url/parse_query.hpp>

#include <algorithm>
#include <set>

namespace micro_sayur::http {
namespace {

boost::urls::params_encoded_view parse(const request& from) {
  const auto parsed = boost::urls::parse_query(from.query);
  if (!parsed) throw problem_error({.type = problems::bad_request, .detail = "The query string is not percent-encoded as RFC 3986 says."});
  return *parsed;
}

bool knows(const route& against, std::string_view name) {
  const auto& all = against.document.parameters;
  return std::any_of(all.begin(), all.end(), [&](const parameter& each) { return each.in == "query" && each.name == name; });
}

/// As it may stand in an answer.
std::string shown(const std::string& name, std::string_view encoded) { return json::excerpt(is_utf8(name) ? name : encoded); }

}  // namespace

std::optional<std::string> query_parameter(const request& from, std::string_view name) {
  std::optional<std::string> found;
  for (const auto each : boost::urls::params_view(parse(from))) {
    if (each.key != name) continue;
    if (found) throw problem_error({.type = problems::bad_request, .detail = fmt::format("The parameter '{}' is given twice.", name)});
    found = each.value;
  }
  return found;
}

void check_query(const request& from, const route& against) {
  if (from.query.empty()) return;
  std::vector<json::fault> faults;
  std::set<std::string> seen;
  for (const auto each : parse(from)) {
    const std::string_view encoded = each.key;
    const auto name = each.key.decode(boost::urls::encoding_opts(true, false, false));  // + is a space
    if (!knows(against, name))
      faults.push_back({shown(name, encoded), "unknown_parameter", "is not a parameter of this address"});
    else if (!seen.insert(name).second)
      faults.push_back({name, "given_twice", "is given more than once"});
    if (faults.size() > json::most_faults) break;
  }
  if (faults.empty()) return;
  auto what = validation_problem(std::move(faults));
  what.type = problems::unknown_parameter;
  throw problem_error(std::move(what));
}

}  // namespace micro_sayur::http
