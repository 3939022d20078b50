// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/recovery_command.hpp"

#include "user-service/adapters/sql/sql_recovery.hpp"
#include "user-service/composition/command_accounts.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <expected>
#include <fstream>
#include <string>
#include <system_error>

namespace micro_sayur::user_service {
namespace {

/// Accounts, or a line for every fault.
std::expected<std::vector<uuid>, std::vector<std::string>> read_journal(const std::string& file) {
  std::ifstream in(file);
  if (!in) return std::unexpected(std::vector{fmt::format("{}: {}", file, std::generic_category().message(errno))});
  std::vector<uuid> erased;
  std::vector<std::string> faults;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (const auto id = uuid::parse(line))
      erased.push_back(*id);
    else
      faults.push_back(fmt::format("{}: line {} is no UUID of an account", file, number));
  }
  if (in.bad()) faults.push_back(fmt::format("{}: {}", file, std::generic_category().message(errno)));
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return erased;
}

async::task<int> recover(sql::database& on, program::process& base, std::vector<std::string> given) {
  const auto journal = read_journal(given[0]);
  if (!journal) {
    for (const auto& fault : journal.error()) fmt::print(stderr, "{}\n", fault);
    co_return 1;
  }
  sql_recovery recovery(on);
  co_await recovery.end_sessions();
  command_accounts opened(on, base.random);
  auto& accounts = opened.store();
  std::size_t erased = 0;
  for (const auto& id : *journal) {
    const auto now = base.clock.now();
    const bool had_account = co_await accounts.erase(
        id, now, {.id = base.ids.next(), .kind = user_event_kind::deleted, .user_id = id, .time = now, .from = origin_of_command(base)});
    const bool had_registration = co_await recovery.drop_registrations_like(id);
    if (had_account || had_registration) ++erased;
  }
  fmt::print("Every session is ended. Of {} erased persons {} were there again, and are erased.\n", journal->size(), erased);
  co_return 0;
}

}  // namespace

program::subcommand recovery_command(std::function<int(account_command what, std::vector<std::string> arguments)> run) {
  return {"after-restore",
          "of a database that was restored: end every session, and erase anew the accounts that FILE lists",
          {"FILE"},
          [run = std::move(run)](const std::vector<std::string>& given) { return run(recover, given); }};
}

}  // namespace micro_sayur::user_service
