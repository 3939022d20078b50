// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace micro_sayur {

inline constexpr std::size_t longest_email_address = 254;  // RFC 5321 section 4.5.3.1.3 without its angle brackets

/// An e-mail address: as its owner typed it (without surrounding spaces, in Normalization Form C), and the key by which it is unique.
struct email_address {
  std::string text;
  std::string key;  ///< lower case, the domain in its ASCII form (IDNA 2008, RFC 5891)
};

/// At most 254 bytes (RFC 5321 section 4.5.3.1.3); a local part of 1 to 64 bytes that PRECIS' IdentifierClass would take, apart from
/// ASCII, of which every atom of RFC 5322 passes; a domain that IDNA 2008 accepts by UTS 46 (non-transitional, STD3, CheckBidi,
/// CheckJoiners). The error is a sentence. For who looks for what exists already.
std::expected<email_address, std::string> parse_email_address(std::string_view typed);

/// The part behind the @ as it is compared: in lower-case ASCII. nullopt: parse_email_address would refuse it.
std::optional<std::string> parse_domain(std::string_view typed);

}  // namespace micro_sayur
