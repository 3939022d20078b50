// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/ascii_address.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace micro_sayur::notification_service {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<std::string> ascii_domain(std::string_view domain) {
  if (domain.contains('\0')) return std::nullopt;
  char* encoded = nullptr;
  constexpr int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  if (idn2_to_ascii_8z(std::string(domain).c_str(), &encoded, flags) != IDN2_OK) return std::nullopt;
  const std::unique_ptr<char, decltype(&idn2_free)> owner(encoded, &idn2_free);
  std::string ascii(encoded);
  std::ranges::transform(ascii, ascii.begin(), lower);
  return ascii;
}

std::string with_ascii_domain(std::string_view address) {
  const auto behind_at = address.rfind('@') + 1;  // 0 without one
  const auto domain = address.substr(behind_at);
  if (std::ranges::all_of(domain, is_ascii)) return std::string(address);
  const auto encoded = ascii_domain(domain);
  return encoded ? std::string(address.substr(0, behind_at)) + *encoded : std::string(address);
}

}  // namespace micro_sayur::notification_service
