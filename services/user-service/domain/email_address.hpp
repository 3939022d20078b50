// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace micro_sayur::user_service {

/// An e-mail address: as its owner typed it (without surrounding spaces, in Normalization Form C), and the key by which it is unique.
struct email_address {
  std::string text;
  std::string key;  ///< lower case, the domain in its ASCII form (IDNA 2008, RFC 5891)
};

/// Whether a domain may be a single label, such as localhost. No mail reaches one from the internet.
enum class dotless_domain { refused, allowed };

/// At most 254 bytes (RFC 5321 section 4.5.3.1.3); a local part of 1 to 64 bytes that PRECIS' IdentifierClass would take, apart from
/// ASCII, of which every atom of RFC 5322 passes; a domain that IDNA 2008 accepts by UTS 46 (non-transitional, STD3, CheckBidi,
/// CheckJoiners). The error is a sentence. Who looks for what exists already need not ask for a dot; who makes an account does.
std::expected<email_address, std::string> parse_email_address(std::string_view typed, dotless_domain dotless = dotless_domain::allowed);

}  // namespace micro_sayur::user_service
