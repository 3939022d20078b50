// SPDX-License-Identifier: Apache-2.0
// One SQLite handle with its prepared statements.
#pragma once

#include "platform/sql/database.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace micro_sayur::sql::sqlite {

using time_point = std::chrono::steady_clock::time_point;
enum class access { read_only, read_write };

/// Blocking; one thread at a time.
class connection {
 public:
  /// Throws sql::error.
  connection(const std::filesystem::path& file, access mode);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Throws the port's errors; `timed_out` past the deadline, `conflict` when another process locks the file for so long.
  result run(const call& what, time_point deadline);

  /// Several statements without parameters.
  void run_script(const std::string& text, time_point deadline = time_point::max());

  bool in_transaction() const;

  /// See pool_state. Thread-safe.
  bool refuses_writes() const { return refuses_writes_; }

 private:
  struct close_handle {
    void operator()(sqlite3* handle) const;
  };
  struct finalize {
    void operator()(sqlite3_stmt* prepared) const;
  };
  using prepared_statement = std::unique_ptr<sqlite3_stmt, finalize>;

  sqlite3_stmt* prepare(const statement& what);
  [[noreturn]] void raise_last(std::string_view statement_name);

  std::unique_ptr<sqlite3, close_handle> handle_;
  std::unordered_map<const statement*, prepared_statement> prepared_;
  time_point deadline_ = time_point::max();
  bool wrote_ = false;                 ///< since the last commit
  std::int64_t transaction_time_ = 0;  ///< microseconds since 1970
  std::atomic<bool> refuses_writes_ = false;
};

}  // namespace micro_sayur::sql::sqlite
