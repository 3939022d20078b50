// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/signing_keys.hpp"

#include "platform/crypto/digest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
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

bool is_key_file(const fs::path& path) { return path.extension() == ".pem" && !path.filename().string().starts_with('.'); }

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

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw std::system_error(errno, std::generic_category(), fmt::format("{} {}", what, path_.string()));
  }

  const fs::path path_;
  const int number_;
};

std::string read_pem(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string pem(longest_key_file, '\0');
  in.read(pem.data(), static_cast<std::streamsize>(pem.size()));
  if (!in.eof()) throw bad_keys(fmt::format("{} cannot be read", path.string()));
  pem.resize(static_cast<std::size_t>(in.gcount()));
  return pem;
}

jwk read_key(const fs::path& path) {
  auto key = jwk::from_private_pem(path.stem().string(), read_pem(path));
  if (!key) throw bad_keys(fmt::format("{} {}", path.string(), key.error()));
  return std::move(*key);
}

}  // namespace

std::string generate_key(const fs::path& folder, id_source& ids) {
  const auto kid = ids.next().to_string();
  if (fs::create_directories(folder)) fs::permissions(folder, fs::perms::owner_all);
  const auto unfinished = folder / fmt::format(".{}.new", kid);
  {
    file_descriptor file(unfinished, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    file.write(jwk::generate_private_pem());
    file.synchronise();
  }
  fs::rename(unfinished, folder / (kid + ".pem"));
  file_descriptor(folder, O_RDONLY | O_DIRECTORY).synchronise();
  return kid;
}

bool has_no_keys(const fs::path& folder) {
  if (!fs::exists(folder)) return true;
  return std::ranges::none_of(fs::directory_iterator(folder), [](const auto& entry) { return is_key_file(entry.path()); });
}

signing_keys::signing_keys(fs::path folder, const clock_source& clock, failure_handler on_reload_failure)
    : folder_(std::move(folder)), clock_(clock), on_reload_failure_(std::move(on_reload_failure)) {
  files_ = list_files();
  signing_ = choose_signing(files_);
  current_ = load(files_);
}

std::string signing_keys::derive_secret(std::string_view purpose) const {
  const auto files = list_files();
  if (files.empty()) throw bad_keys(fmt::format("{} holds no <kid>.pem", folder_.string()));
  const auto secret = hmac_sha256(read_pem(files.front().path), purpose);
  return {reinterpret_cast<const char*>(secret.data()), secret.size()};
}

std::shared_ptr<const signing_keys::snapshot> signing_keys::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void signing_keys::look() {
  try {
    auto files = list_files();
    const auto signing = files.empty() ? 0 : choose_signing(files);
    if (files == files_ && signing == signing_) return;
    // Remembered even when they are unusable: each fault is told once.
    files_ = std::move(files);
    signing_ = signing;
    auto loaded = load(files_);
    const std::lock_guard lock(mutex_);
    current_ = std::move(loaded);
  } catch (const std::exception& error) {
    on_reload_failure_(error.what());
  }
}

std::vector<signing_keys::file> signing_keys::list_files() const {
  std::vector<file> files;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    struct stat found{};
    // A file that goes away in between is not there.
    if (!is_key_file(entry.path()) || ::stat(entry.path().c_str(), &found) != 0 || S_ISFIFO(found.st_mode)) continue;
    const auto modified = std::chrono::seconds(found.st_mtim.tv_sec) + std::chrono::nanoseconds(found.st_mtim.tv_nsec);
    files.push_back({entry.path(), timestamp(std::chrono::duration_cast<std::chrono::microseconds>(modified)),
                     static_cast<std::uintmax_t>(found.st_size)});
  }
  std::ranges::sort(files, {}, &file::path);
  return files;
}

std::size_t signing_keys::choose_signing(const std::vector<file>& files) const {
  const auto newest =
      std::ranges::find_if(files.rbegin(), files.rend(), [&](const file& one) { return one.modified + jwks_cache_time <= clock_.now(); });
  // All are young, as after a copy of the folder: the order of the names is that of their making.
  return newest == files.rend() ? 0 : static_cast<std::size_t>(files.rend() - newest) - 1;
}

std::shared_ptr<const signing_keys::snapshot> signing_keys::load(const std::vector<file>& files) const {
  if (files.empty()) throw bad_keys(fmt::format("{} holds no <kid>.pem", folder_.string()));
  std::vector<jwk> keys;
  for (const auto& one : files) keys.push_back(read_key(one.path));
  const auto signing = keys[signing_];
  jwk_set all(std::move(keys));
  auto text = all.to_json();
  return std::make_shared<const snapshot>(std::move(all), signing, std::move(text));
}

}  // namespace micro_sayur::crypto
