// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/backup.hpp"

#include "platform/sql/error.hpp"
#include "platform/sql/migration_table.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace micro_sayur::sql::sqlite {
namespace {

constexpr int lock_patience_milliseconds = 5000;
constexpr int every_page = -1;

struct close_handle {
  void operator()(sqlite3* open) const { sqlite3_close_v2(open); }
};
using handle = std::unique_ptr<sqlite3, close_handle>;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw error(fmt::format("{}: {}", file.string(), why));
}

handle open(const std::filesystem::path& file, int flags, const std::string& uri = {}) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(uri.empty() ? file.c_str() : uri.c_str(), &opened, flags, nullptr);
  handle out(opened);
  if (code != SQLITE_OK) fail(file, sqlite3_errstr(code));
  sqlite3_busy_timeout(opened, lock_patience_milliseconds);
  return out;
}

void run(const std::filesystem::path& file, const handle& on, const char* script) {
  if (sqlite3_exec(on.get(), script, nullptr, nullptr, nullptr) != SQLITE_OK) fail(file, sqlite3_errmsg(on.get()));
}

/// Two handles of one file: one that keeps writers out, and one that has seen what was committed by then.
struct snapshot {
  handle lock;
  handle reader;
};

/// All are locked before the first is looked at.
std::vector<snapshot> look_at_all(std::span<const copied_file> files) {
  std::vector<snapshot> seen;
  for (const auto& [source, copy] : files) {
    seen.push_back({open(source, SQLITE_OPEN_READWRITE), open(source, SQLITE_OPEN_READWRITE)});
    run(source, seen.back().lock, "BEGIN IMMEDIATE");
  }
  for (std::size_t i = 0; i < files.size(); ++i) run(files[i].source, seen[i].reader, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1");
  for (auto& each : seen) each.lock.reset();
  return seen;
}

/// Without SQLite's files beside it, which even a reader of a file in WAL mode makes otherwise.
handle open_unchanging(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char each : std::filesystem::absolute(file).string())
    uri += each == '%' || each == '?' || each == '#' ? fmt::format("%{:02x}", static_cast<unsigned char>(each)) : std::string(1, each);
  return open(file, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, uri + "?immutable=1");
}

using row_reader = std::function<void(sqlite3_stmt* row)>;

void for_each_row(const std::filesystem::path& file, std::string_view question, const row_reader& take) {
  const auto on = open_unchanging(file);
  sqlite3_stmt* prepared = nullptr;
  int code = sqlite3_prepare_v2(on.get(), question.data(), static_cast<int>(question.size()), &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(prepared, sqlite3_finalize);
  if (code != SQLITE_OK) fail(file, sqlite3_errmsg(on.get()));
  for (code = sqlite3_step(prepared); code == SQLITE_ROW; code = sqlite3_step(prepared)) take(prepared);
  if (code != SQLITE_DONE) fail(file, sqlite3_errmsg(on.get()));
}

std::string text_of(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return text == nullptr ? "" : text;
}

void make_anew(const std::filesystem::path& file) {
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0) fail(file, std::generic_category().message(errno));
  ::close(made);
}

void copy_pages(const copied_file& file, const handle& from) {
  make_anew(file.copy);
  const auto to = open(file.copy, SQLITE_OPEN_READWRITE);
  auto* backup = sqlite3_backup_init(to.get(), "main", from.get(), "main");
  if (backup == nullptr) fail(file.copy, sqlite3_errmsg(to.get()));
  const int code = sqlite3_backup_step(backup, every_page);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) fail(file.copy, sqlite3_errstr(code));
}

}  // namespace

void back_up(std::span<const copied_file> files) {
  const auto seen = look_at_all(files);
  for (std::size_t i = 0; i < files.size(); ++i) copy_pages(files[i], seen[i].reader);
}

void check_integrity(const std::filesystem::path& file) {
  std::string found;
  // One line is enough to say that it is damaged.
  for_each_row(file, "PRAGMA integrity_check(1)", [&](sqlite3_stmt* row) { found = text_of(row, 0); });
  if (found != "ok") fail(file, found);
}

std::vector<applied_migration> applied_migrations(const std::filesystem::path& file) {
  std::vector<applied_migration> found;
  for_each_row(file, list_migrations.text, [&](sqlite3_stmt* row) { found.push_back({sqlite3_column_int64(row, 0), text_of(row, 1)}); });
  return found;
}

}  // namespace micro_sayur::sql::sqlite
