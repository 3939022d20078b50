// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace micro_sayur::user_service {

/// An e-mail address: as its owner typed it (without surrounding spaces), and the key by which it is unique.
struct email_address {
  std::string text;
  std::string key;  ///< lower case, the domain in its ASCII form (IDNA 2008, RFC 5891)
};

/// At most 254 bytes (RFC 5321 section 4.5.3.1.3), a local part of 1 to 64 bytes, a domain that IDNA accepts. The error is a sentence.
std::expected<email_address, std::string> parse_email_address(std::string_view typed);

}  // namespace micro_sayur::user_service
