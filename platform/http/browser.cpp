// SPDX-License-Identifier: Apache-2.0
#include "platform/http/browser.hpp"

#include "platform/http/field_list.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace micro_sayur::http {
namespace {

/// Whether a media range names text/html, other than to decline it (RFC 9110 section 12.4.2).
bool asks_for_html(std::string_view range) {
  const auto end = range.find(';');
  if (!boost::beast::iequals(trimmed(range.substr(0, end)), "text/html")) return false;
  const auto weight = range.find("q=0");
  return weight == std::string_view::npos || range.find_first_of("123456789", weight) != std::string_view::npos;
}

}  // namespace

bool is_of_a_browser(const request& from) {
  if (from.verb != method::get) return false;
  const auto accepted = from.header_list("accept").value_or("");
  const auto ranges = elements_of(accepted);
  return std::any_of(ranges.begin(), ranges.end(), asks_for_html);
}

std::optional<std::string> page_without_slash(const request& from, const router& routes) {
  if (from.path.size() < 2 || !from.path.ends_with('/')) return std::nullopt;
  const auto path = std::string_view(from.path).substr(0, from.path.size() - 1);
  const auto target = routes.find(method::get, path);
  if (target.found == nullptr || !target.found->document.id.empty()) return std::nullopt;
  auto reference = "../" + std::string(path.substr(path.rfind('/') + 1));
  if (!from.query.empty()) reference += "?" + from.query;
  return reference;
}

}  // namespace micro_sayur::http
