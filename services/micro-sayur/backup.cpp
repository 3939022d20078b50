// SPDX-License-Identifier: Apache-2.0
#include "micro-sayur/backup.hpp"

#include "micro-sayur/backup_files.hpp"
#include "platform/sql/sqlite/backup.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace micro_sayur::embedded {
namespace {

namespace fs = std::filesystem;

backup_error is_there(const fs::path& folder) {
  return backup_error(fmt::format("{} is there already: name a new folder", folder.string()));
}

/// A folder under a name of its own beside `wanted`, until it gets that name. Deleted when it never does.
class hidden_folder {
 public:
  explicit hidden_folder(fs::path wanted) : wanted_(std::move(wanted)), above_(folders_to_make(wanted_)) {
    if (wanted_.has_parent_path()) fs::create_directories(wanted_.parent_path());
    auto name = wanted_.string() + ".incomplete-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "cannot make " + name);
    path_ = name;
  }
  ~hidden_folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  hidden_folder(const hidden_folder&) = delete;
  hidden_folder& operator=(const hidden_folder&) = delete;

  const fs::path& path() const { return path_; }

  /// Takes no place of anything but an empty folder (rename(2)). Throws backup_error when something is there.
  void appear() {
    sync(path_);
    if (std::rename(path_.c_str(), wanted_.c_str()) != 0) {
      const auto why = errno;
      if (why == ENOTEMPTY || why == EEXIST || why == ENOTDIR) throw is_there(wanted_);
      throw std::system_error(why, std::generic_category(), fmt::format("cannot make {}", wanted_.string()));
    }
    path_.clear();
    std::ranges::for_each(above_, sync);
  }

 private:
  const fs::path wanted_;
  const std::vector<fs::path> above_;
  fs::path path_;
};

void write_digests(const fs::path& folder, const std::vector<fs::path>& names) {
  const auto file = folder / digests_file;
  std::ofstream out(file);
  for (const auto& name : names) out << digest_of(folder / name) << "  " << name.string() << '\n';
  out.close();
  if (!out) throw backup_error(fmt::format("cannot write {}", file.string()));
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  sync(file);
}

}  // namespace

std::uintmax_t back_up(const fs::path& data, const fs::path& backup, keys_place keys) {
  return telling([&] {
    for (const auto& name : databases)
      if (!fs::exists(data / name)) throw backup_error(fmt::format("{} has no {}: MICRO_SAYUR_DATA names the folder", data.string(), name));
    auto names = plain_files(data);
    if (const auto missing = missing_keys(names); keys == keys_place::data_folder && !missing.empty())
      throw backup_error(fmt::format("{} lacks {}, without which a backup is of no use: put it back, or name its folder in JWT_KEYS_DIR",
                                     data.string(), missing));
    if (fs::exists(fs::symlink_status(backup))) throw is_there(backup);

    hidden_folder into(backup);
    // Keys first: whatever a database refers to is older than it.
    for (const auto& name : names) copy_private(data / name, into.path() / name);
    std::vector<sql::sqlite::copied_file> copies;
    for (const auto& name : databases) copies.push_back({data / name, into.path() / name});
    sql::sqlite::back_up(copies);
    names.insert(names.end(), databases.begin(), databases.end());
    write_digests(into.path(), names);
    std::uintmax_t size = fs::file_size(into.path() / digests_file);
    for (const auto& name : names) size += fs::file_size(into.path() / name);
    into.appear();
    return size;
  });
}

}  // namespace micro_sayur::embedded
