// SPDX-License-Identifier: Apache-2.0
// The pages that people open: landing and the links of mails. They talk to the JSON API. /docs is every service's (platform/page_frame).
#pragma once

#include "platform/page_frame/page_frame.hpp"

#include <string_view>
#include <vector>

namespace micro_sayur::user_service {

/// All pages and their assets. `mailbox_url` is what the landing page links to as the mailbox; "" where mail really goes out.
std::vector<page> make_pages(std::string_view mailbox_url);

}  // namespace micro_sayur::user_service
