// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/derivation_keys.hpp"

#include "platform/crypto/digest.hpp"
#include "platform/crypto/signing_keys.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace micro_sayur::crypto {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view extension = ".key";
constexpr std::size_t shortest_key = 32;

/// The chosen one first, then the others from the newest on.
std::vector<std::string> load(const fs::path& folder, const std::vector<key_file>& files, std::size_t chosen) {
  if (files.empty()) throw bad_keys(fmt::format("{} holds no <id>{}", folder.string(), extension));
  std::vector<std::string> keys;
  for (const auto& file : files) {
    keys.push_back(read_key_file(file.path));
    if (keys.back().size() < shortest_key) throw bad_keys(fmt::format("{} has fewer than {} bytes", file.path.string(), shortest_key));
  }
  auto first = std::move(keys[chosen]);
  keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(chosen));
  std::ranges::reverse(keys);
  keys.insert(keys.begin(), std::move(first));
  return keys;
}

}  // namespace

void ensure_derivation_key(const fs::path& folder, id_source& ids, random_source& random) {
  if (list_key_files(folder, extension).empty()) generate_derivation_key(folder, ids, random);
}

std::string generate_derivation_key(const fs::path& folder, id_source& ids, random_source& random) {
  std::array<std::uint8_t, shortest_key> secret{};
  random.fill(secret);
  auto id = ids.next().to_string();
  write_key_file(folder, fmt::format("{}{}", id, extension), to_hex(secret) + "\n");
  return id;
}

derivation_keys::derivation_keys(fs::path folder, const clock_source& clock, key_observer on_change)
    : folder_(std::move(folder)), clock_(clock), on_change_(std::move(on_change)) {
  files_ = list_key_files(folder_, extension);
  chosen_ = files_.empty() ? 0 : choose_key(files_, jwks_cache_time, clock_.now());
  keys_ = load(folder_, files_, chosen_);
}

std::vector<std::string> derivation_keys::derive(std::string_view purpose) const {
  std::vector<std::string> secrets;
  const std::lock_guard lock(mutex_);
  for (const auto& key : keys_) {
    const auto secret = hmac_sha256(key, purpose);
    secrets.emplace_back(reinterpret_cast<const char*>(secret.data()), secret.size());
  }
  return secrets;
}

std::string derivation_keys::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void derivation_keys::look() {
  std::string fault;
  std::vector<std::string> loaded;
  try {
    auto files = list_key_files(folder_, extension);
    const auto chosen = files.empty() ? 0 : choose_key(files, jwks_cache_time, clock_.now());
    // Unusable ones are read again: rights may be mended without a trace in what is compared.
    if (files != files_ || chosen != chosen_) {
      loaded = load(folder_, files, chosen);
      files_ = std::move(files);
      chosen_ = chosen;
    }
  } catch (const std::exception& error) {
    fault = error.what();
  }
  bool is_told = false;
  {
    const std::lock_guard lock(mutex_);
    is_told = loaded.empty() && (fault.empty() || fault == fault_);
    fault_ = fault;
    if (!loaded.empty()) keys_ = std::move(loaded);
  }
  if (!is_told) on_change_(files_[chosen_].path.stem().string(), fault);
}

}  // namespace micro_sayur::crypto
