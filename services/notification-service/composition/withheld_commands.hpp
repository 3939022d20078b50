// SPDX-License-Identifier: Apache-2.0
// The subcommands on mails that were withheld, on whatever database the program has.
#pragma once

#include "platform/async/task.hpp"
#include "platform/program/command_line.hpp"
#include "platform/sql/database.hpp"

#include <functional>
#include <string>
#include <vector>

namespace micro_sayur::notification_service {

/// Says on stdout what there is, or what became of it. The exit code.
using withheld_command = std::function<async::task<int>(sql::database& on)>;

/// `withheld list` and `withheld release`. `run` opens the database, runs a command on it and returns its exit code; it is not called when
/// an argument is wrong.
std::vector<program::subcommand> withheld_commands(std::function<int(withheld_command what)> run);

}  // namespace micro_sayur::notification_service
