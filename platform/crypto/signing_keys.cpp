// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/signing_keys.hpp"

#include <fmt/core.h>

namespace micro_sayur::crypto {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view extension = ".pem";

jwk read_key(const fs::path& path) {
  auto key = jwk::from_private_pem(path.stem().string(), read_key_file(path));
  if (!key) throw bad_keys(fmt::format("{} {}", path.string(), key.error()));
  return std::move(*key);
}

/// A file of a Kubernetes Secret is as old as its mount.
timestamp made_at(const key_file& of) {
  const auto id = uuid::parse(of.path.stem().string());
  return id ? id->made_at().value_or(of.modified) : of.modified;
}

}  // namespace

std::string generate_key(const fs::path& folder, id_source& ids) {
  auto kid = ids.next().to_string();
  write_key_file(folder, fmt::format("{}{}", kid, extension), jwk::generate_private_pem());
  return kid;
}

bool has_no_keys(const fs::path& folder) { return list_key_files(folder, extension).empty(); }

signing_keys::signing_keys(fs::path folder, const clock_source& clock, key_observer on_change)
    : folder_(std::move(folder)), clock_(clock), on_change_(std::move(on_change)) {
  files_ = list_key_files(folder_, extension);
  signing_ = files_.empty() ? 0 : choose_key(files_, jwks_cache_time, clock_.now());
  current_ = load(files_, signing_);
}

std::shared_ptr<const signing_keys::snapshot> signing_keys::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::string signing_keys::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void signing_keys::look() {
  std::string fault;
  std::shared_ptr<const snapshot> loaded;
  try {
    auto files = list_key_files(folder_, extension);
    const auto signing = files.empty() ? 0 : choose_key(files, jwks_cache_time, clock_.now());
    // Unusable ones are read again: rights may be mended without a trace in what is compared.
    if (files != files_ || signing != signing_) {
      loaded = load(files, signing);
      files_ = std::move(files);
      signing_ = signing;
    }
  } catch (const std::exception& error) {
    fault = error.what();
  }
  std::string kid;
  bool is_told = false;
  {
    const std::lock_guard lock(mutex_);
    is_told = !loaded && (fault.empty() || fault == fault_);
    fault_ = fault;
    if (loaded) current_ = std::move(loaded);
    kid = current_->signing.kid();
  }
  if (!is_told) on_change_(kid, fault);
}

std::shared_ptr<const signing_keys::snapshot> signing_keys::load(const std::vector<key_file>& files, std::size_t signing) const {
  if (files.empty()) throw bad_keys(fmt::format("{} holds no <kid>{}", folder_.string(), extension));
  std::vector<jwk> keys;
  for (const auto& one : files) keys.push_back(read_key(one.path));
  const auto signs = keys[signing];
  jwk_set all(std::move(keys));
  auto text = all.to_json();
  return std::make_shared<const snapshot>(std::move(all), signs, std::move(text), made_at(files[signing]));
}

}  // namespace micro_sayur::crypto
