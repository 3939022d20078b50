// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace micro_sayur::user_service {

/// Whether a text has the form of a language tag (RFC 5646 section 2.1; of its irregular old tags only `i-…`, and private ones `x-…`).
bool is_language_tag(std::string_view text);

/// The language of ours for a tag, "id" or "en", by RFC 4647's look-up (section 3.4); `in` is what Indonesian was called before.
/// nullopt when we have no texts in it.
std::optional<std::string_view> look_up_language(std::string_view tag);

/// The language for who asks for `wanted`, if anything, and sends `accept_language` (RFC 9110 section 12.5.4, or ""): the first of them
/// that we have, else the default.
std::string_view choose_language(std::optional<std::string_view> wanted, std::string_view accept_language);

}  // namespace micro_sayur::user_service
