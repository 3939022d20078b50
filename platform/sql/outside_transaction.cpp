// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/outside_transaction.hpp"

#include <fmt/core.h>

#include <regex>

namespace micro_sayur::sql {
namespace {

constexpr std::string_view mark = "-- outside a transaction";

struct parts {
  bool is_marked = false;
  std::string statements;
};

/// The comments at the beginning, apart from what follows.
parts take_apart(std::string_view text) {
  parts found;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    if (!line.starts_with("--") && line.find_first_not_of(" \t\r") != std::string_view::npos) break;
    found.is_marked = found.is_marked || line == mark;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  found.statements = text;
  return found;
}

}  // namespace

std::optional<concurrent_index> outside_transaction(const migration& file) {
  const auto [is_marked, statements] = take_apart(file.text);
  if (!is_marked) return std::nullopt;
  static const std::regex creation(R"(CREATE (UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS ([a-z0-9_]+)\s[^;]*;?\s*)");
  static const std::regex removal(R"(DROP INDEX CONCURRENTLY IF EXISTS ([a-z0-9_]+)\s*;?\s*)");
  std::smatch match;
  if (std::regex_match(statements, match, creation)) return concurrent_index{match[2].str(), true};
  if (std::regex_match(statements, match, removal)) return concurrent_index{match[1].str(), false};
  throw schema_error(fmt::format(
      "migration {} ({}) runs outside a transaction, which is for one statement without comments after it: CREATE [UNIQUE] INDEX "
      "CONCURRENTLY IF NOT EXISTS name …, or DROP INDEX CONCURRENTLY IF EXISTS name",
      file.version, file.name));
}

}  // namespace micro_sayur::sql
