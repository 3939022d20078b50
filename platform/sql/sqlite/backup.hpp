// SPDX-License-Identifier: Apache-2.0
// Copies of databases that other processes write to meanwhile (https://sqlite.org/backup.html). Blocking; one thread at a time.
#pragma once

#include "platform/sql/migrations.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace micro_sayur::sql::sqlite {

struct copied_file {
  std::filesystem::path source;
  std::filesystem::path copy;  ///< made anew
};

/// Copies all of them as they were at one moment, which lies between the call and the return: what was committed before is in the copies.
/// Writers wait at that moment alone, for as long as it takes to look at each file, and not while pages are copied. A copy is synced to
/// disk and readable by its owner only. Throws sql::error, also when a writer keeps a file for more than 5 s; then copies may be there in
/// part.
void back_up(std::span<const copied_file> files);

/// Of a file that nobody writes to, and whose folder is only read. Throws sql::error, with what is wrong, when the file is no database or
/// pages of it are damaged (PRAGMA integrity_check).
void check_integrity(const std::filesystem::path& file);

/// Which versions its schema has, ascending, of such a file. Throws sql::error.
std::vector<applied_migration> applied_migrations(const std::filesystem::path& file);

}  // namespace micro_sayur::sql::sqlite
