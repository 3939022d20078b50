// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/embedded_file.hpp"

#include <span>
#include <string_view>

namespace micro_sayur {

/// What the pages of all services have in common: frame.css, frame.js and leaf.svg. A service serves them beside its own files.
extern const std::span<const embedded_file> page_frame_files;

/// By the end of the name; throws std::logic_error for a kind that no page has.
std::string_view content_type_of(std::string_view file_name);

}  // namespace micro_sayur
