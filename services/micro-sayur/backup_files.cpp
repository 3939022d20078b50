// SPDX-License-Identifier: Apache-2.0
#include "micro-sayur/backup_files.hpp"

#include "platform/crypto/digest.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace micro_sayur::embedded {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view keys_folder = "keys";
constexpr std::string_view admin_password_file = "admin-password";
constexpr std::size_t bytes_at_once = std::size_t{64} << 20;

/// Closes at its end. Its functions throw std::system_error.
class open_file {
 public:
  open_file(const fs::path& path, int flags, mode_t mode = 0) : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (number_ < 0) fail("cannot open");
  }
  ~open_file() { ::close(number_); }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  void append_all_of(const open_file& source) {
    ssize_t copied = 1;
    while (copied > 0) copied = ::sendfile(number_, source.number_, nullptr, bytes_at_once);
    if (copied < 0) fail("cannot write");
  }

  void synchronise() {
    if (::fsync(number_) != 0) fail("cannot write");
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw std::system_error(errno, std::generic_category(), fmt::format("{} {}", what, path_.string()));
  }

  const fs::path path_;
  const int number_;
};

}  // namespace

std::vector<fs::path> plain_files(const fs::path& folder) {
  std::vector<fs::path> found;
  if (fs::is_directory(folder / keys_folder))
    for (const auto& each : fs::directory_iterator(folder / keys_folder))
      if (each.is_regular_file() && !each.path().filename().string().starts_with('.'))
        found.push_back(fs::path(keys_folder) / each.path().filename());
  if (fs::exists(folder / admin_password_file)) found.emplace_back(admin_password_file);
  std::ranges::sort(found);
  return found;
}

std::string missing_keys(const std::vector<fs::path>& names) {
  const auto has = [&](std::string_view extension) {
    return std::ranges::any_of(names,
                               [&](const fs::path& name) { return name.parent_path() == keys_folder && name.extension() == extension; });
  };
  if (!has(".pem")) return "a key that signs (keys/*.pem)";
  return has(".key") ? "" : "a secret (keys/*.key)";
}

std::string digest_of(const fs::path& file) { return crypto::to_hex(crypto::sha256_of_file(file)); }

void copy_private(const fs::path& from, const fs::path& to) {
  if (fs::create_directories(to.parent_path())) fs::permissions(to.parent_path(), fs::perms::owner_all);
  const open_file source(from, O_RDONLY);
  open_file copy(to, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
  copy.append_all_of(source);
  copy.synchronise();
  sync(to.parent_path());
}

std::vector<fs::path> folders_to_make(const fs::path& path) {
  if (fs::exists(path)) return {};
  std::vector<fs::path> found{fs::absolute(path).parent_path()};
  while (!fs::exists(found.back())) found.push_back(found.back().parent_path());
  return found;
}

void sync(const fs::path& path) { open_file(path, O_RDONLY).synchronise(); }

}  // namespace micro_sayur::embedded
