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

/// Copies what lasts of `data` (both databases as they were at one moment, keys, the administrator's password) into the new folder
/// `backup`, with the digest of every file (SHA256SUMS); beside a running micro-sayur too. The folder appears when all is in it and on
/// disk; `backup`.incomplete is what an attempt left that was cut short, and the next one deletes it. Returns the bytes copied. Throws
/// backup_error, and changes nothing in `data`.
std::uintmax_t back_up(const std::filesystem::path& data, const std::filesystem::path& backup);

/// Makes `data` anew from `backup`, when every file is there as its digest says and both databases are whole. `data` appears when all is in
/// it and `prepare`, given the folder, has returned. Throws backup_error, and changes nothing, when `data` holds something already.
void restore(const std::filesystem::path& backup, const std::filesystem::path& data,
             const std::function<void(const std::filesystem::path& folder)>& prepare);

}  // namespace micro_sayur::embedded
