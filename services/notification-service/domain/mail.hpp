// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

/// A name for people and an address for machines.
struct mailbox {
  std::string name;  ///< may be empty
  std::string address;

  /// After the @ of the address.
  std::string_view domain() const;

  bool operator==(const mailbox&) const = default;
};

/// "Name <address>" or "address"; a name may stand in double quotes. The error is a sentence.
std::expected<mailbox, std::string> parse_mailbox(std::string_view text);

/// What a template yields.
struct rendered_mail {
  std::string subject;
  std::string text;
  std::string html;
  std::string language = {};  ///< of all three, a tag; may be empty
};

/// Everything that a sender needs. The same `id` gives the same Message-ID at every attempt.
struct mail {
  uuid id;
  mailbox to;
  rendered_mail content;
  timestamp created_at;
  std::string request_id;  ///< may be empty
};

/// What became of a mail.
struct delivery_outcome {
  enum class kind : std::uint8_t {
    accepted,
    temporary_failure,  ///< the server refused it for the time being
    permanent_failure,  ///< the server will never take it
    unavailable,        ///< no server was reached, or the connection broke; whether it has the mail may be unknown
    withheld            ///< no server was asked: the recipient is none of those who may be mailed
  };

  kind what = kind::unavailable;
  std::string detail;  ///< what the server said, or why it was not reached
};

std::string_view to_string(delivery_outcome::kind what);

}  // namespace micro_sayur::notification_service
