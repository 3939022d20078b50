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

/// What may stand before the @: with a mail server that lacks SMTPUTF8 (RFC 6531) no mail reaches what is beyond ASCII.
enum class local_parts { any, ascii };

/// At most 254 bytes (RFC 5321 section 4.5.3.1.3); a local part of 1 to 64 bytes that PRECIS' IdentifierClass would take, apart from
/// ASCII, of which every atom of RFC 5322 passes; a domain that IDNA 2008 accepts by UTS 46 (non-transitional, STD3, CheckBidi,
/// CheckJoiners). The error is a sentence. For who looks for what exists already.
std::expected<email_address, std::string> parse_email_address(std::string_view typed);

struct new_address_rules {
  dotless_domain dotless = dotless_domain::refused;
  local_parts local = local_parts::any;
};

/// `code` as in docs/errors.md; the message is a sentence.
struct address_refusal {
  std::string code;
  std::string message;
};

/// For who makes an account: what parse_email_address takes and the rules allow.
std::expected<email_address, address_refusal> parse_new_email_address(std::string_view typed, const new_address_rules& rules);

}  // namespace micro_sayur::user_service
