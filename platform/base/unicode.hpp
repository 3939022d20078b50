// SPDX-License-Identifier: Apache-2.0
// What Unicode says about text, by libunistring. Every function takes valid UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur {

/// Normalization Form C. Leaves no copy of the text in memory that it frees.
std::string composed(std::string_view text);

/// By the simple mappings, whatever the locale of the process is.
std::string lower_case(std::string_view text);

/// Extended grapheme clusters (UAX 29): what people take for characters.
std::size_t grapheme_clusters(std::string_view text);

/// "U+200B (ZERO WIDTH SPACE)".
std::string name_of(char32_t code_point);

/// The first code point that nobody sees: format characters (bidi controls among them), others that are ignorable by default, and
/// separators of lines and paragraphs. Variation selectors pass, and joiners between letters that use them (RFC 5892 appendix A).
std::optional<char32_t> find_invisible(std::string_view text);

/// The first code point outside ASCII that PRECIS' IdentifierClass (RFC 8264 section 4.2) has no place for: what is no letter, mark or
/// decimal digit, is ignorable, or is another character in a compatible form.
std::optional<char32_t> find_unfit_for_identifiers(std::string_view text);

}  // namespace micro_sayur
