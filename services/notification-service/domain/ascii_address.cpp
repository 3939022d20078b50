// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/ascii_address.hpp"

#include "platform/base/email_address.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

std::string with_ascii_domain(std::string_view address) {
  const auto behind_at = address.rfind('@') + 1;  // 0 without one
  const auto domain = address.substr(behind_at);
  if (std::ranges::all_of(domain, is_ascii)) return std::string(address);
  const auto encoded = parse_domain(domain);
  return encoded ? std::string(address.substr(0, behind_at)) + *encoded : std::string(address);
}

}  // namespace micro_sayur::notification_service
