// SPDX-License-Identifier: Apache-2.0
// The subcommand migrate with files that no program has embedded: those of a version to come, or of one that is wrong.
#include "platform/program/postgres/database_command.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

/// NNN_name.sql of the folder, ascending. Names and texts are kept in `texts`.
std::vector<micro_sayur::sql::migration> read_folder(const char* folder, std::deque<std::string>& texts) {
  std::vector<micro_sayur::sql::migration> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto& name = texts.emplace_back(entry.path().stem().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const auto& text = texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    const auto underscore = name.find('_');
    std::int64_t version = 0;
    std::from_chars(name.data(), name.data() + underscore, version);
    files.push_back({version, std::string_view(name).substr(underscore + 1), text});
  }
  std::ranges::sort(files, {}, &micro_sayur::sql::migration::version);
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: apply_migrations SERVICE SCHEMA FOLDER, with the service's variables DB_*\n");
    return 64;
  }
  try {
    std::deque<std::string> texts;
    const auto files = read_folder(argv[3], texts);
    return micro_sayur::program::migrate({.service = argv[1], .schema = argv[2], .migrations = files});
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}: {}\n", argv[1], failure.what());
    return 1;
  }
}
