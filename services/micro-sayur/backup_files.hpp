// SPDX-License-Identifier: Apache-2.0
// What a backup consists of, and how its files are written.
#pragma once

#include "micro-sayur/backup.hpp"
#include "micro-sayur/first_start.hpp"
#include "platform/sql/error.hpp"
#include "platform/sql/migrations.hpp"

#include <array>
#include <string>
#include <system_error>
#include <vector>

namespace micro_sayur::embedded {

inline constexpr std::array databases{user_database_file, notification_database_file};

/// As sha256sum(1) writes and checks it; written last.
inline constexpr std::string_view digests_file = "SHA256SUMS";

/// What lasts beside the databases, by its path below `folder`, sorted. A lock, or what SQLite has beside its files, does not. `keys` may
/// be a link.
std::vector<std::filesystem::path> plain_files(const std::filesystem::path& folder);

/// "" when a pair of keys and a secret are among `names`, else what is missing.
std::string missing_keys(const std::vector<std::filesystem::path>& names);

/// Hexadecimal, SHA-256.
std::string digest_of(const std::filesystem::path& file);

/// Onto the disk, readable by its owner only, with the folder it is in. `to` is new. Throws std::system_error.
void copy_private(const std::filesystem::path& from, const std::filesystem::path& to);

/// Has a file, or which files a folder has, on the disk. Throws std::system_error.
void sync(const std::filesystem::path& path);

/// The folders above `path`, which is not there, up to one that is: once all are made, `sync` of each has them on the disk. None above
/// what is there.
std::vector<std::filesystem::path> folders_to_make(const std::filesystem::path& path);

/// The faults of the file system and of databases as ours.
template <typename Work>
auto telling(Work work) {
  try {
    return work();
  } catch (const std::system_error& failure) {
    throw backup_error(failure.what());
  } catch (const sql::error& failure) {
    throw backup_error(failure.what());
  } catch (const sql::schema_error& failure) {
    throw backup_error(failure.what());
  }
}

}  // namespace micro_sayur::embedded
