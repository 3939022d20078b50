// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/http/text_parameter.hpp"

#include "platform/base/utf8.hpp"

namespace micro_sayur::notification_service {

std::optional<json::fault> fault_of_text(std::string_view field, std::string_view text) {
  if (text.find('\0') == std::string_view::npos && is_utf8(text)) return std::nullopt;
  return json::fault{std::string(field), "not_allowed", "must be UTF-8 without the character NUL"};
}

}  // namespace micro_sayur::notification_service
