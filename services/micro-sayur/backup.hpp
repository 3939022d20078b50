// SPDX-License-Identifier: Apache-2.0
// A data folder that is copied while it is in use, and put back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>

namespace micro_sayur::embedded {

/// Why nothing was backed up or restored, each fault on a line of its own.
class backup_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where the keys are that sign, and the secrets beside them (JWT_KEYS_DIR).
enum class keys_place {
  data_folder,  ///< then a backup has them
  elsewhere,
};

/// Copies what lasts of `data` (both databases as they were at one moment, keys, the administrator's password) into the new folder
/// `backup`, with the digest of every file (SHA256SUMS); beside a running micro-sayur too. The folder appears when all is in it and on
/// disk; of two that make the same one the later is refused. An attempt that is killed leaves a folder `backup`.incomplete-XXXXXX, which
/// nobody deletes. Returns the bytes copied. Throws backup_error, and changes nothing in `data`.
std::uintmax_t back_up(const std::filesystem::path& data, const std::filesystem::path& backup, keys_place keys);

/// Fills `data` from `backup`, when every file is there as its digest says, both databases are whole and of a version that this program
/// runs on. `data` is absent or empty, or was left by a restore that was killed; until all is in it and on disk, and `prepare`, given the
/// folder, has returned, `expect_whole` refuses it. Throws backup_error, and config::faults when the folder is in use; `data` is then as it
/// was, or empty.
void restore(const std::filesystem::path& backup, const std::filesystem::path& data, keys_place keys,
             const std::function<void(const std::filesystem::path& folder)>& prepare);

}  // namespace micro_sayur::embedded
