// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/email_address.hpp"

#include "contracts/event_limits.hpp"

#include <algorithm>

namespace micro_sayur::user_service {
namespace {

static_assert(longest_email_address <= event_limits::longest_address);

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::expected<email_address, address_refusal> parse_new_email_address(std::string_view typed, const new_address_rules& rules) {
  auto address = parse_email_address(typed);
  if (!address) return std::unexpected(address_refusal{"invalid_format", address.error()});
  if (rules.dotless == dotless_domain::refused && address->key.find('.', address->key.rfind('@')) == std::string::npos)
    return std::unexpected(address_refusal{"invalid_format", "must have a domain with a dot after the @, such as example.com"});
  if (rules.local == local_parts::ascii && !is_ascii(std::string_view(address->text).substr(0, address->text.rfind('@'))))
    return std::unexpected(address_refusal{
        "not_deliverable", "must have nothing but ASCII before the @, which is all that the mail server here takes; use another address"});
  return *std::move(address);
}

}  // namespace micro_sayur::user_service
