// SPDX-License-Identifier: Apache-2.0
#include "notification-service/composition/withheld_commands.hpp"

#include "notification-service/adapters/sql/sql_notification_store.hpp"
#include "notification-service/app/withheld_mails.hpp"
#include "platform/config/parse.hpp"

#include <fmt/core.h>

#include <expected>

namespace micro_sayur::notification_service {
namespace {

using arguments = std::vector<std::string>;
using faults = std::vector<std::string>;

/// RECIPIENTS and --since.
std::expected<withheld_filter, faults> parse_filter(const arguments& given) {
  faults wrong;
  const auto recipients = mail_recipients::parse(config::split_list(given[0]));
  if (!recipients)
    for (const auto& fault : recipients.error()) wrong.push_back("RECIPIENTS: " + fault);
  const auto since = parse_rfc3339(given[1]);
  if (!given[1].empty() && !since) wrong.push_back(fmt::format("--since: \"{}\" is no time such as 2026-11-29T21:15:00Z", given[1]));
  if (!wrong.empty()) return std::unexpected(std::move(wrong));
  return withheld_filter{.recipients = *recipients, .since = since};
}

void show(const notification& what) {
  fmt::print("{}  {}  {:<22}  {}\n", to_rfc3339(what.created_at), what.id.to_string(), to_string(what.kind), what.recipient);
}

async::task<int> list(sql::database& on, withheld_filter which) {
  const auto store = make_sql_notification_store(on);
  const auto count = co_await withheld_mails(*store).list(std::move(which), show);
  fmt::print("{} withheld\n", count);
  co_return 0;
}

async::task<int> release(sql::database& on, withheld_filter which) {
  const auto store = make_sql_notification_store(on);
  const auto count = co_await withheld_mails(*store).release(std::move(which));
  fmt::print("{} released\n", count);
  co_return 0;
}

}  // namespace

std::vector<program::subcommand> withheld_commands(std::function<int(withheld_command what)> run) {
  using work = async::task<int> (*)(sql::database&, withheld_filter);
  const auto with = [run](work does) {
    return [run, does](const arguments& given) {
      const auto which = parse_filter(given);
      if (which) return run([does, which = *which](sql::database& on) { return does(on, which); });
      for (const auto& fault : which.error()) fmt::print(stderr, "{}\n", fault);
      return program::exit_usage;
    };
  };
  const std::vector<program::option> options{{"--since", "TIME", "only mails that were made at this time (RFC 3339) or later"}};
  return {{"withheld list", "show the mails to RECIPIENTS (as in MAIL_RECIPIENTS) that are withheld", {"RECIPIENTS"}, with(list), options},
          {"withheld release", "send them, whatever MAIL_RECIPIENTS says", {"RECIPIENTS"}, with(release), options}};
}

}  // namespace micro_sayur::notification_service
