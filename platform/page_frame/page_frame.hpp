// SPDX-License-Identifier: Apache-2.0
// What the pages of all services have in common. Pages use relative URLs only, so that they work behind a prefix such as /users/.
#pragma once

#include "platform/base/embedded_file.hpp"
#include "platform/http/router.hpp"

#include <span>
#include <string>
#include <string_view>

namespace micro_sayur {

/// The look of every page, its language and its icon: frame.css, forms.css, frame.js, leaf.svg.
extern const std::span<const embedded_file> page_frame_files;

/// The page /docs, which reads the openapi.json beside it, and what it loads.
extern const std::span<const embedded_file> docs_page_files;

struct page {
  std::string path;  ///< "/", "/verify-email", "/assets/frame.css", ...
  std::string_view content_type;
  std::string body;
};

/// To be sent with every page: nothing inline, nothing foreign, in nobody's frame.
inline constexpr std::string_view content_security_policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'";

/// By the end of the name; throws std::logic_error for a kind that no page has.
std::string_view content_type_of(std::string_view file_name);

/// index.html is "/", another page.html "/page", any other file.css "/assets/file.css".
page page_of(const embedded_file& file);

/// With the security headers.
http::route page_route(page what);

}  // namespace micro_sayur
