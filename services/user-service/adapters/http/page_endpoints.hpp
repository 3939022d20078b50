// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/http/router.hpp"

#include <string_view>
#include <vector>

namespace micro_sayur::user_service {

/// The pages for people, each with its security headers. `mailbox_url` as for make_pages().
std::vector<http::route> page_routes(std::string_view mailbox_url);

}  // namespace micro_sayur::user_service
