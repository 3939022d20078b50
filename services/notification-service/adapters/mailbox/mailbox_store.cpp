// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/mailbox/mailbox_store.hpp"

namespace micro_sayur::notification_service {
namespace {

#define MAILBOX_COLUMNS "id, recipient, sender, subject, body_text, body_html, raw, sent_at"

constexpr sql::statement keep_message{"mailbox_keep", "INSERT INTO mailbox_messages (" MAILBOX_COLUMNS
                                                      ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING"};
constexpr sql::statement list_messages{"mailbox_list",
                                       "SELECT " MAILBOX_COLUMNS " FROM mailbox_messages ORDER BY sent_at DESC, id DESC LIMIT $1"};
constexpr sql::statement list_messages_to{
    "mailbox_list_to", "SELECT " MAILBOX_COLUMNS " FROM mailbox_messages WHERE recipient = $2 ORDER BY sent_at DESC, id DESC LIMIT $1"};
constexpr sql::statement find_message{"mailbox_find", "SELECT " MAILBOX_COLUMNS " FROM mailbox_messages WHERE id = $1"};
constexpr sql::statement prune_messages{
    "mailbox_prune",
    "DELETE FROM mailbox_messages WHERE id IN (SELECT id FROM mailbox_messages WHERE sent_at < $1 ORDER BY sent_at LIMIT $2)"};

#undef MAILBOX_COLUMNS

mailbox_message read(const sql::row& from) {
  return {.id = from.get<uuid>(0),
          .to = from.get<std::string>(1),
          .from = from.get<std::string>(2),
          .subject = from.get<std::string>(3),
          .text = from.get<std::string>(4),
          .html = from.get<std::string>(5),
          .raw = from.get<std::string>(6),
          .sent_at = from.get<timestamp>(7)};
}

}  // namespace

async::task<> mailbox_store::keep(mailbox_message what) {
  co_await on_.execute_one({keep_message,
                            {what.id, std::move(what.to), std::move(what.from), std::move(what.subject), std::move(what.text),
                             std::move(what.html), std::move(what.raw), what.sent_at}});
}

async::task<std::vector<mailbox_message>> mailbox_store::list(std::optional<std::string> recipient, std::int64_t limit) {
  auto wanted = recipient ? sql::call(list_messages_to, {limit, std::move(*recipient)}) : sql::call(list_messages, {limit});
  const auto found = co_await on_.query(std::move(wanted));
  std::vector<mailbox_message> all;
  all.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) all.push_back(read(found[i]));
  co_return all;
}

async::task<std::optional<mailbox_message>> mailbox_store::find(uuid id) {
  const auto found = co_await on_.query({find_message, {id}});
  if (found.empty()) co_return std::nullopt;
  co_return read(found[0]);
}

std::vector<sql::retention> mailbox_retention() { return {{&prune_messages, std::chrono::days(30)}}; }

}  // namespace micro_sayur::notification_service
