// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/key_folder.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace micro_sayur::crypto {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_key_file = 16 * 1024;

/// Closes at its end. Throws std::system_error from the constructor.
class file_descriptor {
 public:
  file_descriptor(const fs::path& path, int flags, mode_t mode = 0) : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (number_ < 0) fail("cannot open");
  }
  ~file_descriptor() { ::close(number_); }
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;

  void write(std::string_view text) {
    while (!text.empty()) {
      const auto written = ::write(number_, text.data(), text.size());
      if (written < 0) fail("cannot write");
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void synchronise() {
    if (::fsync(number_) != 0) fail("cannot write");
  }

  /// A key made by root is the service's all the same.
  void give_to_owner_of(const fs::path& folder) {
    struct stat found{};
    if (::geteuid() != 0 || ::stat(folder.c_str(), &found) != 0) return;
    if (::fchown(number_, found.st_uid, found.st_gid) != 0) fail("cannot give away");
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw std::system_error(errno, std::generic_category(), fmt::format("{} {}", what, path_.string()));
  }

  const fs::path path_;
  const int number_;
};

/// Whoever may write there can have our tokens signed by a key of his own. To a sticky folder, as Kubernetes mounts secrets, every user may
/// add files, and change none.
void refuse_if_writable_by_all(const fs::path& path, const struct stat& found) {
  const bool is_shared = (found.st_mode & S_IWOTH) != 0 && !(S_ISDIR(found.st_mode) && (found.st_mode & S_ISVTX) != 0);
  if (is_shared) throw bad_keys(fmt::format("{} may be written by every user; take that away: chmod o-w {}", path.string(), path.string()));
}

void refuse_if_of_another_user(const fs::path& path, const struct stat& found, const struct stat& folder) {
  const bool is_ours = found.st_uid == folder.st_uid || found.st_uid == 0 || found.st_uid == ::geteuid();
  if ((folder.st_mode & S_IWOTH) != 0 && !is_ours)
    throw bad_keys(fmt::format("{} is of user {}, who may add files there as every user may; take that away: chmod o-w {}", path.string(),
                               found.st_uid, path.parent_path().string()));
}

}  // namespace

std::vector<key_file> list_key_files(const fs::path& folder, std::string_view extension) {
  std::vector<key_file> files;
  struct stat of_folder{};
  if (::stat(folder.c_str(), &of_folder) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return files;
    throw std::system_error(errno, std::generic_category(), fmt::format("cannot look into {}", folder.string()));
  }
  refuse_if_writable_by_all(folder, of_folder);
  for (const auto& entry : fs::directory_iterator(folder)) {
    struct stat found{};
    const bool is_key = entry.path().extension() == extension && !entry.path().filename().string().starts_with('.');
    // A file that goes away in between is not there.
    if (!is_key || ::stat(entry.path().c_str(), &found) != 0 || S_ISFIFO(found.st_mode)) continue;
    refuse_if_writable_by_all(entry.path(), found);
    refuse_if_of_another_user(entry.path(), found, of_folder);
    const auto modified = std::chrono::seconds(found.st_mtim.tv_sec) + std::chrono::nanoseconds(found.st_mtim.tv_nsec);
    files.push_back({entry.path(), timestamp(std::chrono::duration_cast<std::chrono::microseconds>(modified)),
                     static_cast<std::uintmax_t>(found.st_size)});
  }
  std::ranges::sort(files, {}, &key_file::path);
  return files;
}

std::size_t choose_key(const std::vector<key_file>& files, std::chrono::microseconds age, timestamp now) {
  const auto newest = std::ranges::find_if(files.rbegin(), files.rend(), [&](const key_file& one) { return one.modified + age <= now; });
  // All are young, as after a copy of the folder: the order of the names is that of their making.
  return newest == files.rend() ? 0 : static_cast<std::size_t>(files.rend() - newest) - 1;
}

std::string read_key_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(longest_key_file, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof()) throw bad_keys(fmt::format("{} cannot be read", path.string()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

void write_key_file(const fs::path& folder, const std::string& name, std::string_view text) {
  if (fs::create_directories(folder)) fs::permissions(folder, fs::perms::owner_all);
  const auto unfinished = folder / fmt::format(".{}.new", name);
  {
    file_descriptor file(unfinished, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    file.write(text);
    file.give_to_owner_of(folder);
    file.synchronise();
  }
  fs::rename(unfinished, folder / name);
  file_descriptor(folder, O_RDONLY | O_DIRECTORY).synchronise();
}

}  // namespace micro_sayur::crypto
