// SPDX-License-Identifier: Apache-2.0
#include "platform/http/entity_tag.hpp"

#include "platform/http/field_list.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace micro_sayur::http {
namespace {

/// etagc: visible characters but for double quotes, and anything beyond ASCII.
bool may_be_in_a_tag(char c) {
  const auto code = static_cast<unsigned char>(c);
  return code > 0x20 && code != 0x7f && c != '"';
}

std::optional<entity_tag> parse_tag(std::string_view text) {
  const bool weak = text.starts_with("W/");
  if (weak) text.remove_prefix(2);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  const auto opaque = text.substr(1, text.size() - 2);
  if (!std::all_of(opaque.begin(), opaque.end(), may_be_in_a_tag)) return std::nullopt;
  return entity_tag{std::string(opaque), weak};
}

}  // namespace

bool named_tags::match_weakly(std::string_view tag) const {
  return any || std::any_of(tags.begin(), tags.end(), [&](const auto& each) { return each.opaque == tag; });
}

std::optional<named_tags> read_named_tags(const request& from, std::string_view name) {
  const auto list = from.header_list(name);
  if (!list) return std::nullopt;
  if (trimmed(*list) == "*") return named_tags{.any = true, .tags = {}};
  named_tags found;
  for (const auto element : elements_of(*list)) {
    auto tag = parse_tag(element);
    if (!tag) {
      found.tags.clear();
      break;
    }
    found.tags.push_back(std::move(*tag));
  }
  if (found.tags.empty())
    throw problem_error(
        {.type = problems::bad_request,
         .detail = fmt::format("The header {} is neither * nor a list of entity tags; send what ETag said, with its quotes.", name)});
  return found;
}

}  // namespace micro_sayur::http
