// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/mailbox/mailbox_mail_sender.hpp"

#include "notification-service/adapters/mime/mime.hpp"

#include <fmt/format.h>

namespace micro_sayur::notification_service {
namespace {

std::string shown(const mailbox& who) { return who.name.empty() ? who.address : fmt::format("{} <{}>", who.name, who.address); }

}  // namespace

async::task<delivery_outcome> mailbox_mail_sender::send(mail what) {
  auto raw = make_message(what, from_);
  mailbox_message message{.id = what.id,
                          .to = std::move(what.to.address),
                          .from = shown(from_),
                          .subject = std::move(what.content.subject),
                          .text = std::move(what.content.text),
                          .html = std::move(what.content.html),
                          .raw = std::move(raw),
                          .sent_at = clock_.now()};
  try {
    co_await into_.keep(std::move(message));
  } catch (const sql::error& fault) {
    co_return delivery_outcome{delivery_outcome::kind::unavailable, fault.what()};
  }
  co_return delivery_outcome{delivery_outcome::kind::accepted, "kept in the mailbox"};
}

async::task<reachability> mailbox_mail_sender::reachable(std::chrono::milliseconds) {
  try {
    co_await into_.list(std::nullopt, 1);
  } catch (const sql::error& fault) {
    co_return reachability{.fault = fault.what()};
  }
  co_return reachability{.answers = true, .smtputf8 = true};
}

}  // namespace micro_sayur::notification_service
