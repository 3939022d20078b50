// SPDX-License-Identifier: Apache-2.0
#include "platform/http/browser.hpp"

#include "platform/http/field_list.hpp"

namespace micro_sayur::http {
bool is_of_a_browser(const request& from) {
  if (from.verb != method::get) return false;
  return names_media_type(from.header_list("accept").value_or(""), "text/html");
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
