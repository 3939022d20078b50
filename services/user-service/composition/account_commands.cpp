// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/account_commands.hpp"

#include "platform/telemetry/trace_context.hpp"
#include "user-service/adapters/telemetry/security_telemetry.hpp"
#include "user-service/app/change_account.hpp"
#include "user-service/app/delete_account.hpp"
#include "user-service/composition/command_accounts.hpp"
#include "user-service/composition/user_service.hpp"
#include "user-service/domain/email_address.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <utility>

namespace micro_sayur::user_service {
namespace {

using arguments = std::vector<std::string>;

int no_account(const std::string& email) {
  fmt::print(stderr, "No account has the address {}.\n", email);
  return 1;
}

async::task<std::optional<account>> find(sql_account_store& accounts, std::string email) {
  const auto address = parse_email_address(email);
  co_return co_await accounts.find_by_email(address ? address->key : std::string());
}

/// What an operator did is a security event like what others do. On stderr: stdout has the answer.
void record(program::process& base, std::string_view event, uuid account_id, std::string_view detail) {
  telemetry::log_writer writer(STDERR_FILENO);
  const telemetry::logger log(writer, base.clock, std::string(service_name));
  log_security_event(log, event, account_id, origin_of_command(base), detail);
}

/// Nothing where the address has no account any more.
async::task<> record(program::process& base, sql_account_store& accounts, std::string_view event, std::string email, std::string detail) {
  if (const auto found = co_await find(accounts, email)) record(base, event, found->id, detail);
}

async::task<int> remove(sql::database& on, program::process& base, arguments given) {
  command_accounts opened(on, base.random);
  auto& accounts = opened.store();
  // Before: afterwards the address leads to nobody.
  const auto found = co_await find(accounts, given[0]);
  const bool deleted = co_await delete_account(base.clock, base.ids, accounts).run(given[0], origin_of_command(base));
  if (!found || !deleted) co_return no_account(given[0]);
  record(base, security_events::user_deleted, found->id, "asked for");
  fmt::print("The account of {} is deleted.\n", given[0]);
  co_return 0;
}

async::task<int> change_role_of(sql::database& on, program::process& base, arguments given, bool wanted) {
  command_accounts opened(on, base.random);
  auto& accounts = opened.store();
  change_role changing(base.clock, accounts);
  const auto& email = given[0];
  const auto& role = given[1];
  auto attempt = wanted ? changing.grant(email, role) : changing.take_away(email, role);
  const auto outcome = co_await std::move(attempt);
  if (outcome == change_role::outcome::changed)
    co_await record(base, accounts, security_events::role_change, email, (wanted ? "granted " : "took away ") + role);
  switch (outcome) {
    case change_role::outcome::changed: fmt::print("{} {} the role {} now.\n", email, wanted ? "has" : "does not have", role); co_return 0;
    case change_role::outcome::was_so:
      fmt::print("{} {} the role {} already.\n", email, wanted ? "had" : "did not have", role);
      co_return 0;
    case change_role::outcome::no_account: co_return no_account(email);
    case change_role::outcome::unknown_role:
      fmt::print(stderr, "There is no role \"{}\"; there are: {}, {}.\n", role, customer_role, admin_role);
      co_return 1;
  }
  std::unreachable();
}

async::task<int> change_status_of(sql::database& on, program::process& base, arguments given, account_status wanted) {
  command_accounts opened(on, base.random);
  auto& accounts = opened.store();
  const auto outcome = co_await change_status(base.clock, accounts).run(given[0], wanted);
  if (outcome == change_status::outcome::no_account) co_return no_account(given[0]);
  if (outcome == change_status::outcome::changed)
    co_await record(base, accounts, security_events::user_updated, given[0], std::string(to_string(wanted)));
  fmt::print("The account of {} {} {}.\n", given[0], outcome == change_status::outcome::changed ? "is now" : "was already",
             to_string(wanted));
  co_return 0;
}

}  // namespace

origin origin_of_command(program::process& base) {
  return {.request_id = base.ids.next().to_string(), .traceparent = telemetry::new_trace(base.random).to_traceparent()};
}

std::vector<program::subcommand> account_commands(std::function<int(account_command what, arguments given)> run) {
  const auto with_role = [run](bool wanted) {
    return [run, wanted](const arguments& given) {
      return run([wanted](sql::database& on, program::process& base,
                          arguments words) { return change_role_of(on, base, std::move(words), wanted); },
                 given);
    };
  };
  const auto with_status = [run](account_status wanted) {
    return [run, wanted](const arguments& given) {
      return run([wanted](sql::database& on, program::process& base,
                          arguments words) { return change_status_of(on, base, std::move(words), wanted); },
                 given);
    };
  };
  return {{"grant-role", "give an account a role", {"EMAIL", "ROLE"}, with_role(true)},
          {"revoke-role", "take a role away from an account", {"EMAIL", "ROLE"}, with_role(false)},
          {"disable-account", "end an account's sessions and let it sign in no more", {"EMAIL"}, with_status(account_status::disabled)},
          {"enable-account", "let a disabled account sign in again", {"EMAIL"}, with_status(account_status::active)},
          {"delete-account", "erase an account; its address can register anew", {"EMAIL"}, [run](const arguments& given) {
             return run(remove, given);
           }}};
}

}  // namespace micro_sayur::user_service
