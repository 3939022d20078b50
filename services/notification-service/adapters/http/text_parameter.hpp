// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/json/about.hpp"

#include <optional>
#include <string_view>

namespace micro_sayur::notification_service {

/// What keeps a text of a query from being searched for in a database: it must be UTF-8 without NUL. nullopt: nothing.
std::optional<json::fault> fault_of_text(std::string_view field, std::string_view text);

}  // namespace micro_sayur::notification_service
