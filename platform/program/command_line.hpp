// SPDX-License-Identifier: Apache-2.0
// The command line that every program has: subcommands, --help with every variable, --version, and exit codes (sysexits(3)).
#pragma once

#include "platform/config/reader.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::program {

inline constexpr int exit_usage = 64;  ///< EX_USAGE: the command line was wrong

/// A named argument of one value.
struct option {
  std::string name;         ///< "--since"
  std::string value;        ///< what stands for its value in --help: "TIME"
  std::string description;  ///< one line
  bool is_required = false;
};

struct subcommand {
  std::string name;                                                   ///< "migrate", or two words: "keys generate"
  std::string description;                                            ///< one line
  std::vector<std::string> arguments = {};                            ///< names of positional arguments, all required
  std::function<int(const std::vector<std::string>& arguments)> run;  ///< with the values of `options` behind them, empty where left out
  std::vector<option> options = {};
};

struct program_description {
  std::string name;
  std::string purpose;
  std::function<void(config::reader&)> read_settings;  ///< reads every variable, which documents them in --help
};

/// Runs the subcommand that the arguments name, the first of `subcommands` when they name none, and returns its exit code. What it
/// throws becomes lines on stderr and a code: config::faults 78, anything else 1.
int run_program(const program_description& what, const std::vector<subcommand>& subcommands, int argc, const char* const* argv);

}  // namespace micro_sayur::program
