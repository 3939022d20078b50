// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/errors.hpp"

#include "platform/sql/error.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

namespace micro_sayur::sql::sqlite {
namespace {

constexpr std::string_view index_prefix = "index '";

bool is_outage(int primary_code) {
  return primary_code == SQLITE_FULL || primary_code == SQLITE_IOERR || primary_code == SQLITE_CANTOPEN || primary_code == SQLITE_NOMEM;
}

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
  if (primary_key || extended_code == SQLITE_CONSTRAINT_UNIQUE) throw unique_violation(constraint_name(message, primary_key), text);
  const int primary_code = extended_code & 0xff;
  if (primary_code == SQLITE_BUSY || primary_code == SQLITE_LOCKED) throw conflict(text);
  if (primary_code == SQLITE_INTERRUPT) throw timed_out(text);
  if (is_outage(primary_code)) throw unavailable(text);
  throw error(text);
}

}  // namespace micro_sayur::sql::sqlite
