// SPDX-License-Identifier: Apache-2.0
#include "platform/sql/sqlite/backup.hpp"

#include "platform/sql/error.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
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

handle open(const std::filesystem::path& file, int flags) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
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
  const auto on = open(file, SQLITE_OPEN_READONLY);
  std::string found;
  const auto keep = [](void* into, int, char** values, char**) {
    *static_cast<std::string*>(into) = values[0] == nullptr ? "" : values[0];
    return 0;
  };
  // One line is enough to say that it is damaged.
  if (sqlite3_exec(on.get(), "PRAGMA integrity_check(1)", keep, &found, nullptr) != SQLITE_OK) fail(file, sqlite3_errmsg(on.get()));
  if (found != "ok") fail(file, found);
}

}  // namespace micro_sayur::sql::sqlite
