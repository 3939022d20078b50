// SPDX-License-Identifier: Apache-2.0
// The embedded driver: one SQLite file, a thread that writes and a few that read.
#pragma once

#include "platform/sql/database.hpp"

#include <chrono>
#include <filesystem>
#include <memory>

namespace micro_sayur::sql::sqlite {

struct settings {
  std::filesystem::path file;      ///< made when absent, readable by its owner only; its folder must exist
  std::size_t readers = 2;         ///< reading threads, at least 1
  std::size_t queue_limit = 1000;  ///< calls that wait for the writer, and as many for a reader
  std::chrono::milliseconds call_timeout{3000};
};

/// Opens with WAL, synchronous=FULL (what is committed survives a power cut) and foreign keys. Throws sql::error when the file cannot
/// be opened. Writers are served first come, first served; `execute` calls that wait together share one commit, each still all or
/// nothing. `query` runs read-only. A transaction keeps every other writer waiting.
std::unique_ptr<database> open(settings with);

}  // namespace micro_sayur::sql::sqlite
