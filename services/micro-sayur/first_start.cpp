// SPDX-License-Identifier: Apache-2.0
#include "micro-sayur/first_start.hpp"

#include "platform/crypto/token.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace micro_sayur::embedded {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view admin_email = "admin@localhost";
constexpr std::size_t password_length = 20;

[[noreturn]] void refuse(const fs::path& path, std::string_view why, std::string_view what_to_do) {
  throw config::faults({fmt::format("MICRO_SAYUR_DATA: {} {}; {}", path.string(), why, what_to_do)});
}

[[noreturn]] void fail(std::string_view doing, const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), fmt::format("{} {}", doing, path.string()));
}

/// Whole or not at all, readable by this user only.
void write_secret(const fs::path& path, std::string_view text) {
  const auto unfinished = path.string() + ".new";
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) fail("cannot write", unfinished);
  const bool written = ::write(file, text.data(), text.size()) == std::ssize(text) && ::fsync(file) == 0;
  ::close(file);
  if (!written) fail("cannot write", unfinished);
  fs::rename(unfinished, path);
}

}  // namespace

data_folder::data_folder(const fs::path& path) {
  std::error_code failure;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), failure);
  if (!failure && ::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) failure = {errno, std::generic_category()};
  if (failure) refuse(path, "cannot be made: " + failure.message(), "name a folder that this user may make");
  const auto file = path / lock_file;
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (lock_ < 0 && (errno == EACCES || errno == EPERM))
    refuse(path, fmt::format("may not be written by user {}, as whom micro-sayur runs", ::geteuid()),
           fmt::format("let it own the folder: chown -R {} {}", ::geteuid(), path.string()));
  if (lock_ < 0) refuse(path, std::generic_category().message(errno), "name a folder that this user may write");
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(lock_);
  refuse(path, "is in use by another micro-sayur", "stop that one, or name another folder");
}

data_folder::~data_folder() { ::close(lock_); }

void expect_whole(const fs::path& data) {
  if (fs::exists(data / unfinished_restore_file))
    refuse(data, "was not restored to its end", "restore the backup once more: micro-sayur restore DIR");
}

std::optional<user_service::first_admin> default_admin(const fs::path& data, random_source& random) {
  const auto file = data / "admin-password";
  if (!fs::exists(file)) {
    // The first start made an administrator, this one or another: an account keeps its password, whatever stands in a file.
    if (fs::exists(data / user_database_file)) return std::nullopt;
    write_secret(file, crypto::make_token(random).substr(0, password_length) + "\n");
    fmt::print(stderr, "administrator: {}, password in {}\n", admin_email, file.string());
  }
  auto password = config::secret_source::from_file(file);
  if (!password) throw std::runtime_error(fmt::format("{} {}", file.string(), password.error()));
  return user_service::first_admin{std::string(admin_email), *password};
}

}  // namespace micro_sayur::embedded
