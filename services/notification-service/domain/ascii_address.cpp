// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/ascii_address.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace micro_sayur::notification_service {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

std::string with_ascii_domain(std::string_view address) {
  const auto behind_at = address.rfind('@') + 1;  // 0 without one
  const std::string domain(address.substr(behind_at));
  if (std::ranges::all_of(domain, is_ascii)) return std::string(address);
  char* encoded = nullptr;
  if (idn2_to_ascii_8z(domain.c_str(), &encoded, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) return std::string(address);
  const std::unique_ptr<char, decltype(&idn2_free)> owner(encoded, &idn2_free);
  return std::string(address.substr(0, behind_at)) + encoded;
}

}  // namespace micro_sayur::notification_service
