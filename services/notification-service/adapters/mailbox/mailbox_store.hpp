// SPDX-License-Identifier: Apache-2.0
// Where mails end up when there is no mail server: a table that a page shows. Embedded mode only.
#pragma once

#include "notification-service/domain/mail.hpp"
#include "platform/sql/database.hpp"
#include "platform/sql/prune.hpp"

#include <boost/describe/class.hpp>

#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::notification_service {

struct mailbox_message {
  uuid id;
  std::string to;
  std::string from;
  std::string subject;
  std::string text;
  std::string html;
  std::string raw;  ///< as a mail server would have got it
  timestamp sent_at;
};
BOOST_DESCRIBE_STRUCT(mailbox_message, (), (id, to, from, subject, text, html, raw, sent_at))

/// Callable from every io thread. Throws as platform/sql/error.hpp. `on` is SQLite and must outlive the store.
class mailbox_store {
 public:
  explicit mailbox_store(sql::database& on) : on_(on) {}

  /// A message with an id that is there already changes nothing.
  async::task<> keep(mailbox_message what);

  /// Newest first; with `recipient`, in any case, those to it.
  async::task<std::vector<mailbox_message>> list(std::optional<std::string> recipient, std::int64_t limit);

  async::task<std::optional<mailbox_message>> find(uuid id);

 private:
  sql::database& on_;
};

/// Messages are kept for 30 days.
std::vector<sql::retention> mailbox_retention();

}  // namespace micro_sayur::notification_service
