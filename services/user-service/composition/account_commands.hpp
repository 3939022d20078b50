// SPDX-License-Identifier: Apache-2.0
// The subcommands that change an account, on whatever database the program has.
#pragma once

#include "platform/program/command_line.hpp"
#include "platform/program/process.hpp"
#include "platform/sql/database.hpp"

#include "user-service/domain/user_event.hpp"

#include <functional>
#include <string>
#include <vector>

namespace micro_sayur::user_service {

/// Says on stdout what became of it, or on stderr why not. The exit code.
using account_command = std::function<async::task<int>(sql::database& on, program::process& base, std::vector<std::string> arguments)>;

/// delete-account, grant-role, revoke-role, disable-account and enable-account. `run` opens the database, runs a command on it and returns
/// its exit code.
std::vector<program::subcommand> account_commands(std::function<int(account_command what, std::vector<std::string> arguments)> run);

/// Of a request id and a trace of its own.
origin origin_of_command(program::process& base);

}  // namespace micro_sayur::user_service
