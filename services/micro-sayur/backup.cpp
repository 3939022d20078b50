// SPDX-License-Identifier: Apache-2.0
#include "micro-sayur/backup.hpp"

#include "micro-sayur/first_start.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/sql/error.hpp"
#include "platform/sql/sqlite/backup.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace micro_sayur::embedded {
namespace {

namespace fs = std::filesystem;

constexpr std::array databases{user_database_file, notification_database_file};
/// As sha256sum(1) writes and checks it; written last.
constexpr std::string_view digests_file = "SHA256SUMS";
constexpr auto owner_only = fs::perms::owner_read | fs::perms::owner_write;

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw backup_error(fmt::format("cannot read {}", file.string()));
  return std::move(text).str();
}

std::string digest_of(const fs::path& file) { return crypto::to_hex(crypto::sha256_of_file(file)); }

void sync(const fs::path& path) {
  const int open = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = open >= 0 && ::fsync(open) == 0;
  const auto why = std::generic_category().message(errno);
  ::close(open);
  if (!synced) throw backup_error(fmt::format("cannot write {} to disk: {}", path.string(), why));
}

/// Relative paths of all files below `folder`, sorted.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& each : fs::recursive_directory_iterator(folder))
    if (each.is_regular_file()) found.push_back(each.path().lexically_relative(folder));
  std::ranges::sort(found);
  return found;
}

/// What lasts beside the databases. A lock, or what SQLite has beside its files, does not.
bool is_plain(const fs::path& name) { return *name.begin() == "keys" || name == "admin-password"; }

void copy_private(const fs::path& from, const fs::path& to) {
  fs::create_directories(to.parent_path());
  fs::copy_file(from, to);
  fs::permissions(to, owner_only);
}

/// Makes `folder` appear, with all that `fill` puts into it, or not at all.
template <typename Fill>
void appear_whole(const fs::path& folder, std::string_view suffix, Fill fill) {
  auto unfinished = folder;
  unfinished += suffix;
  fs::remove_all(unfinished);
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path());
  fs::create_directory(unfinished);
  fs::permissions(unfinished, fs::perms::owner_all);
  try {
    fill(unfinished);
    for (const auto& name : files_below(unfinished)) sync(unfinished / name);
    sync(unfinished);
    fs::rename(unfinished, folder);
    sync(fs::absolute(folder).parent_path());
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(unfinished, ignored);
    throw;
  }
}

void write_digests(const fs::path& folder) {
  std::ofstream out(folder / digests_file);
  for (const auto& name : files_below(folder))
    if (name != digests_file) out << digest_of(folder / name) << "  " << name.string() << '\n';
  out.close();
  if (!out) throw backup_error(fmt::format("cannot write {}", (folder / digests_file).string()));
  fs::permissions(folder / digests_file, owner_only);
}

/// Name -> digest. Throws when a line is not one.
std::map<std::string, std::string> read_digests(const fs::path& folder) {
  std::map<std::string, std::string> out;
  std::istringstream lines(read_file(folder / digests_file));
  for (std::string line; std::getline(lines, line);) {
    const auto gap = line.find("  ");
    const fs::path name = gap == std::string::npos ? "" : line.substr(gap + 2);
    const bool stays_below = !name.empty() && name.is_relative() && std::ranges::find(name, "..") == name.end();
    if (!stays_below) throw backup_error(fmt::format("{} is damaged: \"{}\"", (folder / digests_file).string(), line));
    out.emplace(name.string(), line.substr(0, gap));
  }
  return out;
}

/// Throws with every fault of the backup.
std::vector<std::string> checked_files(const fs::path& backup) {
  if (!fs::exists(backup / digests_file)) throw backup_error(fmt::format("{} is no backup: it has no {}", backup.string(), digests_file));
  std::vector<std::string> faults;
  std::vector<std::string> names;
  const auto digests = read_digests(backup);
  for (const auto& required : databases)
    if (!digests.contains(std::string(required))) faults.push_back(fmt::format("{} is not part of it", required));
  for (const auto& [name, digest] : digests) {
    names.push_back(name);
    if (!fs::exists(backup / name))
      faults.push_back(fmt::format("{} is missing", name));
    else if (digest_of(backup / name) != digest)
      faults.push_back(fmt::format("{} is damaged: its digest is not that of {}", name, digests_file));
  }
  if (!faults.empty()) throw backup_error(fmt::format("{} cannot be restored:\n  {}", backup.string(), fmt::join(faults, "\n  ")));
  return names;
}

/// An absent folder, or one that has been locked and never used, is taken; another one is refused.
void make_way(const fs::path& data) {
  if (!fs::exists(data)) return;
  const data_folder not_in_use(data);
  for (const auto& each : fs::directory_iterator(data))
    if (each.path().filename() != lock_file)
      throw backup_error(fmt::format("{} has something in it: move it away, or name another folder in MICRO_SAYUR_DATA", data.string()));
  fs::remove_all(data);
}

/// The faults of the file system and of SQLite as ours.
template <typename Work>
auto telling(Work work) {
  try {
    return work();
  } catch (const fs::filesystem_error& failure) {
    throw backup_error(failure.what());
  } catch (const sql::error& failure) {
    throw backup_error(failure.what());
  }
}

}  // namespace

std::uintmax_t back_up(const fs::path& data, const fs::path& backup) {
  return telling([&] {
    for (const auto& name : databases)
      if (!fs::exists(data / name)) throw backup_error(fmt::format("{} has no {}: MICRO_SAYUR_DATA names the folder", data.string(), name));
    if (fs::exists(backup)) throw backup_error(fmt::format("{} is there already: name a new folder", backup.string()));
    appear_whole(backup, ".incomplete", [&](const fs::path& into) {
      // Keys first: whatever a database refers to is older than it.
      for (const auto& name : files_below(data))
        if (is_plain(name)) copy_private(data / name, into / name);
      std::vector<sql::sqlite::copied_file> copies;
      for (const auto& name : databases) copies.push_back({data / name, into / name});
      sql::sqlite::back_up(copies);
      write_digests(into);
    });
    std::uintmax_t size = 0;
    for (const auto& name : files_below(backup)) size += fs::file_size(backup / name);
    return size;
  });
}

void restore(const fs::path& backup, const fs::path& data, const std::function<void(const fs::path& folder)>& prepare) {
  telling([&] {
    const auto names = checked_files(backup);
    make_way(data);
    appear_whole(data, ".incomplete", [&](const fs::path& into) {
      for (const auto& name : names) copy_private(backup / name, into / name);
      for (const auto& name : databases) sql::sqlite::check_integrity(into / name);
      prepare(into);
    });
  });
}

}  // namespace micro_sayur::embedded
