// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/ruling.hpp"

#include <algorithm>
#include <array>

namespace micro_sayur::sql {
namespace {

struct sqlstate_row {
  std::string_view begins;
  ruling means;
};

/// The longest beginning that fits counts.
constexpr std::array sqlstates{
    sqlstate_row{"08", {.told = answer::away, .close = true}},              // connection exceptions
    sqlstate_row{"0A000", {.told = answer::fault, .prepare_again = true}},  // "cached plan must not change result type"
    sqlstate_row{"23505", {.told = answer::taken}},
    sqlstate_row{"25006", {.told = answer::read_only, .close = true}},      // a primary that became a standby, or was told to only read
    sqlstate_row{"25P03", {.told = answer::away, .close = true}},           // idle in transaction for too long
    sqlstate_row{"26000", {.told = answer::fault, .prepare_again = true}},  // a pooler gave us another session
    sqlstate_row{"40001", {.told = answer::lost_race, .try_again = true}},
    sqlstate_row{"40P01", {.told = answer::lost_race, .try_again = true}},
    sqlstate_row{"53", {.told = answer::away}},                           // out of memory, too many connections
    sqlstate_row{"53100", {.told = answer::away, .refuses_rows = true}},  // the disk is full
    sqlstate_row{"55P03", {.told = answer::locked}},                      // lock_timeout, or NOWAIT
    sqlstate_row{"57014", {.told = answer::ended}},                       // statement_timeout, or pg_cancel_backend
    sqlstate_row{"57P", {.told = answer::away, .close = true}},           // the server stops, crashed, or starts
    sqlstate_row{"58", {.told = answer::away}},                           // the server's own files are not there
    sqlstate_row{"58030", {.told = answer::away, .refuses_rows = true}},  // its disk fails
};

struct sqlite_row {
  int code;
  ruling means;
};

/// https://sqlite.org/rescode.html; sqlite/errors.cpp compares the numbers with sqlite3.h.
constexpr std::array sqlite_codes{
    sqlite_row{5, {.told = answer::lost_race, .try_again = true}},   // BUSY
    sqlite_row{6, {.told = answer::lost_race, .try_again = true}},   // LOCKED
    sqlite_row{7, {.told = answer::away}},                           // NOMEM
    sqlite_row{8, {.told = answer::read_only}},                      // READONLY
    sqlite_row{9, {.told = answer::late}},                           // INTERRUPT
    sqlite_row{10, {.told = answer::away}},                          // IOERR
    sqlite_row{13, {.told = answer::away}},                          // FULL
    sqlite_row{14, {.told = answer::away}},                          // CANTOPEN
    sqlite_row{15, {.told = answer::lost_race, .try_again = true}},  // PROTOCOL: another process has the WAL's locks
    sqlite_row{1555, {.told = answer::taken}},                       // CONSTRAINT_PRIMARYKEY
    sqlite_row{2067, {.told = answer::taken}},                       // CONSTRAINT_UNIQUE
    sqlite_row{2579, {.told = answer::taken}},                       // CONSTRAINT_ROWID
};

}  // namespace

ruling of_sqlstate(std::string_view sqlstate) {
  ruling found;
  std::size_t longest = 0;
  for (const auto& [begins, means] : sqlstates)
    if (sqlstate.starts_with(begins) && begins.size() > longest) {
      found = means;
      longest = begins.size();
    }
  return found;
}

ruling of_sqlite(int code) {
  for (const int each : {code, code & 0xff}) {
    const auto found = std::ranges::find(sqlite_codes, each, &sqlite_row::code);
    if (found != sqlite_codes.end()) return found->means;
  }
  return {};
}

std::exception_ptr make_error(answer told, std::string_view constraint, const std::string& message) {
  switch (told) {
    case answer::taken: return std::make_exception_ptr(unique_violation(std::string(constraint), message));
    case answer::lost_race: return std::make_exception_ptr(conflict(message));
    case answer::stale_plan: return std::make_exception_ptr(stale_plan(message));
    case answer::away: return std::make_exception_ptr(unavailable(message));
    case answer::read_only: return std::make_exception_ptr(read_only(message));
    case answer::late: return std::make_exception_ptr(timed_out(message));
    case answer::locked: return std::make_exception_ptr(locked(message));
    case answer::ended: return std::make_exception_ptr(ended(message));
    case answer::fault: break;
  }
  return std::make_exception_ptr(error(message));
}

}  // namespace micro_sayur::sql
