// SPDX-License-Identifier: Apache-2.0
#include "platform/config/secret.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <mutex>
#include <optional>
#include <system_error>
#include <tuple>

namespace micro_sayur::config {
namespace {

constexpr std::size_t longest_secret = 64 * 1024;

/// Differs when a file was replaced or rewritten.
struct file_identity {
  std::tuple<dev_t, ino_t, off_t, time_t, long> parts;
  bool operator==(const file_identity&) const = default;
};

std::optional<file_identity> identify(const std::filesystem::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return file_identity{{found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec}};
}

std::expected<std::string, std::string> read_secret(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(fmt::format("cannot read {}: {}", path.string(), std::generic_category().message(errno)));
  std::string text(longest_secret, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return std::unexpected(fmt::format("cannot read {}", path.string()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return std::unexpected(fmt::format("{} is empty", path.string()));
  return text;
}

}  // namespace

struct secret_source::state {
  std::filesystem::path path;  // empty: the value is fixed
  std::mutex mutex;
  std::optional<file_identity> identity;
  std::string value;
};

secret_source::secret_source(std::string value) : state_(std::make_shared<state>()) { state_->value = std::move(value); }

std::expected<secret_source, std::string> secret_source::from_file(const std::filesystem::path& path) {
  auto shared = std::make_shared<state>();
  shared->path = path;
  shared->identity = identify(path);
  auto value = read_secret(path);
  if (!value) return std::unexpected(std::move(value.error()));
  shared->value = std::move(*value);
  return secret_source(std::move(shared));
}

std::string secret_source::read() const {
  const std::lock_guard lock(state_->mutex);
  if (state_->path.empty()) return state_->value;
  // The identity is taken before the content, so that a change in between is seen by the next call.
  const auto identity = identify(state_->path);
  if (identity == state_->identity) return state_->value;
  if (auto value = read_secret(state_->path)) {
    state_->value = std::move(*value);
    state_->identity = identity;
  }
  return state_->value;
}

}  // namespace micro_sayur::config
