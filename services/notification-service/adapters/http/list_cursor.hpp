// SPDX-License-Identifier: Apache-2.0
// Where a list goes on: opaque to clients, and bound to nothing but the last item that they have seen.
#pragma once

#include "platform/base/uuid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

std::string encode_cursor(uuid last);

/// nullopt for anything that encode_cursor() does not write.
std::optional<uuid> decode_cursor(std::string_view text);

}  // namespace micro_sayur::notification_service
