// SPDX-License-Identifier: Apache-2.0
// A folder of key files that an operator rotates by adding one whose name sorts later. Throws std::filesystem::filesystem_error.
#pragma once

#include "platform/base/system.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::crypto {

/// The folder cannot be used; what() says which file and why.
class bad_keys : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct key_file {
  std::filesystem::path path;
  timestamp modified;
  std::uintmax_t size;

  bool operator==(const key_file&) const = default;
};

/// Told of every change of the folder that is taken up, with the id of the key that is used from now on and "", and of every fault, once,
/// with the id of the key that goes on and why the files are unusable.
using key_observer = std::function<void(std::string_view id, std::string_view fault)>;

/// The files <id><extension> by name. Hidden files and FIFOs are none; an absent folder has none.
std::vector<key_file> list_key_files(const std::filesystem::path& folder, std::string_view extension);

/// Which file is the one to use: the last by name, but one younger than `age` only when no other is older, so that every instance has
/// seen a key before one uses it. `files` is not empty.
std::size_t choose_key(const std::vector<key_file>& files, std::chrono::microseconds age, timestamp now);

/// At most 16 KiB. Throws bad_keys.
std::string read_key_file(const std::filesystem::path& path);

/// Writes `folder`/`name` whole or not at all, readable by the folder's owner only, and makes the folder when it is absent. Throws
/// std::system_error.
void write_key_file(const std::filesystem::path& folder, const std::string& name, std::string_view text);

}  // namespace micro_sayur::crypto
