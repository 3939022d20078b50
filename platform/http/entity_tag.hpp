// SPDX-License-Identifier: Apache-2.0
// Entity tags (RFC 9110 section 8.8.3) and the preconditions that name them (section 13.1).
#pragma once

#include "platform/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::http {

struct entity_tag {
  std::string opaque;  ///< without the quotes
  bool weak = false;
};

/// What If-Match or If-None-Match says: "*", which is any, or a list.
struct named_tags {
  bool any = false;
  std::vector<entity_tag> tags;

  /// Section 8.8.3.2. `tag` is a strong one of ours, without its quotes.
  bool match_weakly(std::string_view tag) const;
};

/// The tags of the field `name` ("if-match", "if-none-match"); nullopt without it. Throws problem_error (bad_request) when it is not as RFC
/// 9110 says.
std::optional<named_tags> read_named_tags(const request& from, std::string_view name);

}  // namespace micro_sayur::http
