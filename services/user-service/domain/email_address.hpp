// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/email_address.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace micro_sayur::user_service {

/// Whether a domain may be a single label, such as localhost. No mail reaches one from the internet.
enum class dotless_domain { refused, allowed };

/// What may stand before the @: with a mail server that lacks SMTPUTF8 (RFC 6531) no mail reaches what is beyond ASCII.
enum class local_parts { any, ascii };

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
