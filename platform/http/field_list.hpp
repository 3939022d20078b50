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

}  // namespace micro_sayur::http
