// SPDX-License-Identifier: Apache-2.0
#include "micro-sayur/backup.hpp"
#include "micro-sayur/backup_files.hpp"
#include "notification-service/adapters/sql/migrations.hpp"
#include "notification-service/composition/notification_service.hpp"
#include "platform/sql/sqlite/backup.hpp"
#include "user-service/adapters/sql/migrations.hpp"
#include "user-service/composition/user_service.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>

namespace micro_sayur::embedded {
namespace {

namespace fs = std::filesystem;

/// Path -> digest.
using digests = std::map<std::string, std::string>;

/// Throws when a line is not one.
digests read_digests(const fs::path& backup) {
  const auto file = backup / digests_file;
  if (!fs::exists(file)) throw backup_error(fmt::format("{} is no backup: it has no {}", backup.string(), digests_file));
  digests out;
  std::ifstream in(file);
  const bool was_opened = in.is_open();
  for (std::string line; std::getline(in, line);) {
    const auto gap = line.find("  ");
    const fs::path name = gap == std::string::npos ? "" : line.substr(gap + 2);
    const bool stays_below = !name.empty() && name.is_relative() && std::ranges::find(name, "..") == name.end();
    if (!stays_below) throw backup_error(fmt::format("{} is damaged: \"{}\"", file.string(), line));
    out.emplace(name.string(), line.substr(0, gap));
  }
  if (!was_opened || in.bad()) throw backup_error(fmt::format("cannot read {}", file.string()));
  return out;
}

/// What is not as `expected` says, a sentence each.
std::vector<std::string> faults_of_files(const fs::path& backup, const digests& expected, keys_place keys) {
  std::vector<std::string> faults;
  for (const auto& required : databases)
    if (!expected.contains(std::string(required))) faults.push_back(fmt::format("{} is not part of it", required));
  for (const auto& name : plain_files(backup))
    if (!expected.contains(name.string())) faults.push_back(fmt::format("{} has no line in {}", name.string(), digests_file));
  std::vector<fs::path> names;
  for (const auto& [name, digest] : expected) {
    names.emplace_back(name);
    if (!fs::exists(backup / name))
      faults.push_back(fmt::format("{} is missing", name));
    else if (digest_of(backup / name) != digest)
      faults.push_back(fmt::format("{} is damaged: its digest is not that of {}", name, digests_file));
  }
  if (const auto missing = missing_keys(names); keys == keys_place::data_folder && !missing.empty())
    faults.push_back(fmt::format("it lacks {}; where those are elsewhere JWT_KEYS_DIR names their folder", missing));
  return faults;
}

/// Throws when it is damaged, or of a version that this program does not run on.
void check_database(const fs::path& file, std::string_view service, std::span<const sql::migration> known) {
  sql::sqlite::check_integrity(file);
  sql::pending_migrations(service, known, sql::sqlite::applied_migrations(file));
}

/// The names of its files. Throws with every fault of them.
std::vector<std::string> checked_files(const fs::path& backup, keys_place keys) {
  const auto expected = read_digests(backup);
  const auto faults = faults_of_files(backup, expected, keys);
  if (!faults.empty()) throw backup_error(fmt::format("{} cannot be restored:\n  {}", backup.string(), fmt::join(faults, "\n  ")));
  check_database(backup / user_database_file, user_service::service_name, user_service::sqlite_migrations);
  check_database(backup / notification_database_file, notification_service::service_name, notification_service::sqlite_migrations);
  std::vector<std::string> names;
  for (const auto& [name, digest] : expected) names.push_back(name);
  return names;
}

/// What a file system puts into an empty disk, who locks the folder, and a restore.
bool counts_as_nothing(const fs::path& name) { return name == lock_file || name == unfinished_restore_file || name == "lost+found"; }

std::vector<fs::path> contents_of(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& each : fs::directory_iterator(folder))
    if (!counts_as_nothing(each.path().filename())) found.push_back(each.path());
  return found;
}

void expect_empty(const fs::path& data) {
  const bool is_left_over = fs::exists(data / unfinished_restore_file);
  if (fs::exists(data) && !is_left_over && !contents_of(data).empty())
    throw backup_error(fmt::format("{} has something in it: move it away, or name another folder in MICRO_SAYUR_DATA", data.string()));
}

/// The same folder; one that is no data folder gets no lock.
const fs::path& to_be_locked(const fs::path& data) {
  if (!fs::exists(data / lock_file)) expect_empty(data);
  return data;
}

/// A data folder that nobody else uses, and that `expect_whole` refuses until it is finished. It may be where a disk is mounted, so it is
/// filled and emptied, and never replaced. What was not finished is empty again, or absent as before.
class unfinished_folder {
 public:
  /// Once the other constructor has returned, whatever is thrown here runs the destructor.
  explicit unfinished_folder(const fs::path& path) : unfinished_folder(path, fs::exists(path)) {
    mark();
    for (const auto& each : contents_of(path_)) fs::remove_all(each);
  }
  ~unfinished_folder() {
    std::error_code ignored;
    if (!is_finished_) empty(ignored);
    if (!is_finished_ && !was_there_) fs::remove_all(path_, ignored);
  }
  unfinished_folder(const unfinished_folder&) = delete;
  unfinished_folder& operator=(const unfinished_folder&) = delete;

  void finish() {
    sync(path_);
    std::ranges::for_each(above_, sync);
    fs::remove(path_ / unfinished_restore_file);
    is_finished_ = true;
    sync(path_);
  }

 private:
  unfinished_folder(const fs::path& path, bool was_there)
      : path_(path), was_there_(was_there), above_(folders_to_make(path)), lock_(to_be_locked(path)) {
    expect_empty(path_);
  }

  void mark() const {
    const auto marker = path_ / unfinished_restore_file;
    std::ofstream made(marker);
    if (!made) throw std::system_error(errno, std::generic_category(), fmt::format("cannot write {}", marker.string()));
    sync(marker);
    sync(path_);
  }

  /// The mark goes last.
  void empty(std::error_code& failure) const {
    for (const auto& each : contents_of(path_)) fs::remove_all(each, failure);
    if (!failure) fs::remove(path_ / unfinished_restore_file, failure);
  }

  const fs::path path_;
  const bool was_there_;
  const std::vector<fs::path> above_;
  const data_folder lock_;
  bool is_finished_ = false;
};

}  // namespace

void restore(const fs::path& backup, const fs::path& data, keys_place keys, const std::function<void(const fs::path& folder)>& prepare) {
  telling([&] {
    const auto names = checked_files(backup, keys);
    unfinished_folder into(data);
    for (const auto& name : names) copy_private(backup / name, data / name);
    prepare(data);
    for (const auto& name : databases) sync(data / name);
    into.finish();
  });
}

}  // namespace micro_sayur::embedded
