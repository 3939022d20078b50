// SPDX-License-Identifier: Apache-2.0
// Lists in header fields (RFC 9110 section 5.6.1).
#pragma once

#include <string_view>
#include <vector>

namespace micro_sayur::http {

/// Without the spaces and tabs around it.
std::string_view trimmed(std::string_view text);

/// The elements between commas outside of quoted strings, without the white space around each; empty ones are left out. Views into `list`.
std::vector<std::string_view> elements_of(std::string_view list);

/// Whether the value of a header Accept names `type` itself, other than to decline it (RFC 9110 section 12.4.2).
bool names_media_type(std::string_view accepted, std::string_view type);

}  // namespace micro_sayur::http
