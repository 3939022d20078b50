// SPDX-License-Identifier: Apache-2.0
// What is done to a database that was restored, before anybody may reach it.
#pragma once

#include "user-service/composition/account_commands.hpp"

namespace micro_sayur::user_service {

/// after-restore FILE: ends every session and every token that opens one or changes a password, which a restore to an earlier moment has
/// brought back, and erases anew whom FILE names: a UUID of an account a line, as `backup_job.py --erasures` prints them. May be run again.
/// Nothing is changed when a line is none. `run` as for account_commands, with the rights of the schema's owner.
program::subcommand recovery_command(std::function<int(account_command what, std::vector<std::string> arguments)> run);

}  // namespace micro_sayur::user_service
