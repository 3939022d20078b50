// SPDX-License-Identifier: Apache-2.0
#include "platform/http/field_list.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace micro_sayur::http {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> elements_of(std::string_view list) {
  std::vector<std::string_view> found;
  bool quoted = false;
  std::size_t begin = 0;
  const auto take = [&](std::size_t end) {
    const auto element = trimmed(list.substr(begin, end - begin));
    if (!element.empty()) found.push_back(element);
    begin = end + 1;
  };
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list[at] == '"') quoted = !quoted;
    if (list[at] == ',' && !quoted) take(at);
  }
  take(list.size());
  return found;
}

bool names_media_type(std::string_view accepted, std::string_view type) {
  const auto ranges = elements_of(accepted);
  return std::ranges::any_of(ranges, [type](std::string_view range) {
    if (!boost::beast::iequals(trimmed(range.substr(0, range.find(';'))), type)) return false;
    const auto weight = range.find("q=0");
    return weight == std::string_view::npos || range.find_first_of("123456789", weight) != std::string_view::npos;
  });
}

}  // namespace micro_sayur::http
