// SPDX-License-Identifier: Apache-2.0
#include "platform/program/command_line.hpp"

#include "platform/base/version.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <cstdio>

namespace micro_sayur::program {
namespace {

/// Every variable as it would be with nothing set.
std::string variables_help(const program_description& what) {
  config::reader reader([](std::string_view) { return std::nullopt; });
  what.read_settings(reader);
  return "VARIABLES (a secret is read from the file that NAME_FILE names)\n" + reader.help();
}

CLI::App* find_child(CLI::App& of, const std::string& word) {
  for (auto* each : of.get_subcommands([](CLI::App*) { return true; }))
    if (each->get_name() == word) return each;
  return nullptr;
}

/// The command of a path such as "keys generate", made under its parent when needed.
CLI::App* find_or_add(CLI::App& root, const subcommand& what) {
  CLI::App* at = &root;
  std::string_view rest = what.name;
  while (!rest.empty()) {
    const auto space = rest.find(' ');
    const std::string word(rest.substr(0, space));
    rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
    auto* known = find_child(*at, word);
    at = known != nullptr ? known : at->add_subcommand(word, rest.empty() ? what.description : word + " …");
    if (!rest.empty()) at->require_subcommand(1);
  }
  return at;
}

/// Puts what is given into `values`.
void add_values(CLI::App& command, const subcommand& what, std::vector<std::string>& values) {
  values.resize(what.arguments.size() + what.options.size());
  auto value = values.begin();
  for (const auto& name : what.arguments) command.add_option(name, *value++)->required();
  for (const auto& each : what.options)
    command.add_option(each.name, *value++, each.description)->required(each.is_required)->type_name(each.value);
}

int run_reporting(const std::string& name, const std::function<int()>& body) {
  try {
    return body();
  } catch (const config::faults& faults) {
    fmt::print(stderr, "{}: the configuration has {} fault{}:\n", name, faults.lines().size(), faults.lines().size() == 1 ? "" : "s");
    for (const auto& line : faults.lines()) fmt::print(stderr, "  {}\n", line);
    return config::exit_config;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
    return 1;
  }
}

}  // namespace

int run_program(const program_description& what, const std::vector<subcommand>& subcommands, int argc, const char* const* argv) {
  CLI::App root(what.purpose, what.name);
  root.set_version_flag("--version", fmt::format("{} {}", what.name, version));
  root.require_subcommand(0, 1);
  root.footer([&what] { return variables_help(what); });
  std::function<int()> chosen = [&] { return subcommands.front().run({}); };
  std::vector<std::vector<std::string>> values(subcommands.size());
  for (std::size_t i = 0; i < subcommands.size(); ++i) {
    const auto& each = subcommands[i];
    auto* command = find_or_add(root, each);
    add_values(*command, each, values[i]);
    command->callback([&chosen, &each, &given = values[i]] { chosen = [&each, &given] { return each.run(given); }; });
  }
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return root.exit(error) == 0 ? 0 : exit_usage;
  }
  return run_reporting(what.name, chosen);
}

}  // namespace micro_sayur::program
