// SPDX-License-Identifier: Apache-2.0
// A password or key that an operator may exchange while the program runs.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

namespace micro_sayur::config {

/// A fixed text, or the content of a file (its first 64 KiB) without the line end that closes it. Copies share one state. Thread-safe.
class secret_source {
 public:
  /// The empty secret.
  secret_source() : secret_source(std::string{}) {}
  explicit secret_source(std::string value);

  /// The reason why `path` cannot serve: it cannot be read, or is empty.
  static std::expected<secret_source, std::string> from_file(const std::filesystem::path& path);

  /// The secret as it is now: a file that was replaced or rewritten is read again. While it cannot be read or is empty, as in the
  /// middle of a careless rotation, the last secret stays. Costs one stat(2) for a file.
  std::string read() const;

 private:
  struct state;
  explicit secret_source(std::shared_ptr<state> shared) : state_(std::move(shared)) {}

  std::shared_ptr<state> state_;
};

}  // namespace micro_sayur::config
