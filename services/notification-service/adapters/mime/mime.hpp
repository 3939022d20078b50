// SPDX-License-Identifier: Apache-2.0
// Internet messages (RFC 5322) with a text and an HTML body (RFC 2045, RFC 2046).
#pragma once

#include "notification-service/domain/mail.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

/// The message with CRLF line ends, in ASCII but for a local part that is not. Message-ID is <mail's id @ domain of `from`>. Nothing in
/// a mail can add a header line: control characters in header values become spaces.
std::string make_message(const mail& what, const mailbox& from);

/// Quoted-printable (RFC 2045 section 6.7) of text whose lines end with LF or CRLF: lines of at most 76 characters, ended by CRLF.
std::string encode_quoted_printable(std::string_view text);

/// A header value without structure: as it is when it is short printable ASCII, otherwise encoded words of UTF-8 (RFC 2047), folded.
/// `used` is the length of what stands before it on its line.
std::string encode_header_text(std::string_view text, std::size_t used);

/// Name and address for From and To.
std::string encode_mailbox(const mailbox& what, std::size_t used);

/// RFC 5322 section 3.3: "Mon, 23 Nov 2026 09:26:55 +0000".
std::string format_mail_date(timestamp time);

}  // namespace micro_sayur::notification_service
