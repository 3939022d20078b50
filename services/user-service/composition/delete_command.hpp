// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/program/process.hpp"
#include "platform/sql/database.hpp"

#include <string>

namespace micro_sayur::user_service {

/// The subcommand delete-account: says on stdout what became of it, or on stderr why not. The exit code.
async::task<int> run_delete_command(sql::database& on, program::process& base, std::string email);

}  // namespace micro_sayur::user_service
