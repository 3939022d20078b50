// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/config/reader.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

/// USER_SERVICE_URL, or what follows from JWKS_URL, whose value `jwks_url` is ("" when that was a fault already).
std::string read_user_service_url(config::reader& from, std::string_view jwks_url);

}  // namespace micro_sayur::notification_service
