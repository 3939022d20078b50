// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/errors.hpp"

#include "platform/sql/ruling.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

namespace micro_sayur::sql::sqlite {
namespace {

constexpr std::string_view index_prefix = "index '";

// The numbers that ruling.cpp, which knows no driver, goes by.
static_assert(SQLITE_BUSY == 5 && SQLITE_LOCKED == 6 && SQLITE_NOMEM == 7 && SQLITE_READONLY == 8 && SQLITE_INTERRUPT == 9 &&
              SQLITE_IOERR == 10 && SQLITE_FULL == 13 && SQLITE_CANTOPEN == 14 && SQLITE_PROTOCOL == 15);
static_assert(SQLITE_CONSTRAINT_PRIMARYKEY == 1555 && SQLITE_CONSTRAINT_UNIQUE == 2067 && SQLITE_CONSTRAINT_ROWID == 2579);

}  // namespace

std::string constraint_name(std::string_view message, bool primary_key) {
  const auto colon = message.find(": ");
  if (colon == std::string_view::npos) return {};
  std::string_view columns = message.substr(colon + 2);
  if (columns.starts_with(index_prefix)) {
    columns.remove_prefix(index_prefix.size());
    return std::string(columns.substr(0, columns.find('\'')));
  }
  std::string name(columns.substr(0, columns.find('.')));
  if (primary_key) return name + "_pkey";
  while (!columns.empty()) {
    const auto comma = columns.find(", ");
    const auto column = columns.substr(0, comma);
    name += '_';
    name += column.substr(column.find('.') + 1);
    columns = comma == std::string_view::npos ? std::string_view() : columns.substr(comma + 2);
  }
  return name + "_unique";
}

void raise(int extended_code, std::string_view statement_name, std::string_view message) {
  const auto text = fmt::format("{}: {} (SQLite {})", statement_name, message, extended_code);
  const bool primary_key = extended_code == SQLITE_CONSTRAINT_PRIMARYKEY || extended_code == SQLITE_CONSTRAINT_ROWID;
  std::rethrow_exception(make_error(of_sqlite(extended_code).told, constraint_name(message, primary_key), text));
}

}  // namespace micro_sayur::sql::sqlite
