// SPDX-License-Identifier: Apache-2.0
// The pages that people open: landing, confirmation links, documentation. They use relative URLs only, so that they work behind a
// prefix such as /users/, and talk to the JSON API.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::user_service {

struct page {
  std::string path;  ///< "/", "/verify-email", "/assets/style.css", ...
  std::string_view content_type;
  std::string body;
};

/// To be sent with every page: nothing inline, nothing foreign, in nobody's frame.
inline constexpr std::string_view content_security_policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'";

/// All pages and their assets. `mailbox_url` is what the landing page links to as the mailbox; "" where mail really goes out.
std::vector<page> make_pages(std::string_view mailbox_url);

}  // namespace micro_sayur::user_service
