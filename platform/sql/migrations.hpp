// SPDX-License-Identifier: Apache-2.0
// Schema versions: numbered files embedded in the binary, applied in order, each once, never changed afterwards.
#pragma once

#include "platform/async/task.hpp"
#include "platform/sql/database.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::sql {

/// One file NNN_name.sql. `text` may hold several statements; static storage.
struct migration {
  std::int64_t version;
  std::string_view name;
  std::string_view text;
};

/// The schema is not one this program can run on, or a migration that was applied differs from the one in the binary.
class schema_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Versions; 0 is an empty schema.
struct schema_state {
  std::int64_t needed = 0;  ///< the newest that the program knows
  std::int64_t found = 0;   ///< the newest that was applied
};

/// A file could not be applied, for a reason that does not pass by itself: it is wrong, the rows are, somebody keeps the locks that it
/// needs, or ended it. It took no effect. The message says which file, where, why, and what to do.
class migration_failed : public error {
 public:
  using error::error;
};

/// How a schema is migrated.
struct migration_options {
  /// For each lock of a file in a transaction. Whoever comes after a waiting one waits as well. Below deadlock_timeout (200 ms): of two
  /// that wait for each other the migration gives way. A file may set its own (docs/adr/0038-migrations-give-way.md).
  std::chrono::milliseconds lock_timeout{100};
  /// For a file that does not get its locks, from its first attempt on; no attempt begins later.
  std::chrono::milliseconds patience{120'000};
  std::chrono::milliseconds first_pause{250};  ///< after an attempt; then longer
  std::chrono::milliseconds longest_pause{5'000};
  std::function<void(const std::string&)> tell = {};  ///< each attempt that failed, and what else an operator may wonder about
};

/// Applies what is missing, each file in a transaction of its own together with its row in `schema_migrations`, or alone where it says so
/// (outside_transaction.hpp), and makes the schema where it is missing. Instances that start at once take turns (PostgreSQL: an advisory
/// lock; SQLite: the writer's lock). A file that loses a lock is tried again.
/// Throws schema_error when an applied file differs from `known`, when files would be applied out of order, and when the schema is newer
/// by more than one version, and when the database is not encoded in UTF-8; migration_failed; `unavailable`, which names the file that was
/// at work, when the database is away, or its disk full.
/// `service` is named in messages. `known` is ascending.
async::task<> migrate(database& on, std::string_view service, std::span<const migration> known, const migration_options& with = {});

/// Throws schema_error when the schema is older than `known`, newer by more than one version, or made from other files, and when the
/// database is not encoded in UTF-8.
async::task<schema_state> check_schema(database& on, std::string_view service, std::span<const migration> known);

/// A row of `schema_migrations`.
struct applied_migration {
  std::int64_t version;
  std::string checksum;
};

/// What is to be applied. Throws schema_error as `migrate` does.
std::vector<migration> pending_migrations(std::string_view service, std::span<const migration> known,
                                          std::span<const applied_migration> applied);

/// SHA-256 of the text, in lower-case hexadecimal digits.
std::string checksum(std::string_view text);

}  // namespace micro_sayur::sql
