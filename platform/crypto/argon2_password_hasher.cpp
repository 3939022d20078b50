// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/argon2_password_hasher.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <charconv>
#include <new>
#include <span>

namespace micro_sayur::crypto {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t memory_for_the_rest = 96 * mebibyte;

// A stored hash beyond these did not come from this program; computing it could exhaust the machine.
constexpr std::uint32_t most_memory_kib = 64 * 1024;
constexpr std::uint32_t most_passes = 10;

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// The parameters of "$argon2id$v=19$m=19456,t=2,p=1$salt$hash"; nullopt for any other text.
std::optional<argon2_parameters> parameters_of(std::string_view stored) {
  if (!take_prefix(stored, "$argon2id$v=19$m=")) return std::nullopt;
  const auto memory_kib = take_number(stored);
  if (!memory_kib || !take_prefix(stored, ",t=")) return std::nullopt;
  const auto passes = take_number(stored);
  if (!passes || !take_prefix(stored, ",p=1$")) return std::nullopt;
  return argon2_parameters{.memory_kib = *memory_kib, .passes = *passes};
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  text.pop_back();  // the NUL that libsodium counts
  return text;
}

std::string compute(const password& what, const argon2_parameters& parameters, const password_salt& salt) {
  std::array<std::uint8_t, 32> out{};
  static_assert(std::tuple_size_v<password_salt> == crypto_pwhash_SALTBYTES);
  if (crypto_pwhash(out.data(), out.size(), what.text().data(), what.text().size(), salt.data(), parameters.passes,
                    std::size_t{parameters.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::bad_alloc();
  return fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", parameters.memory_kib, parameters.passes, to_base64(salt), to_base64(out));
}

bool matches(const password& what, const std::string& stored) {
  return crypto_pwhash_str_verify(stored.c_str(), what.text().data(), what.text().size()) == 0;
}

}  // namespace

std::size_t concurrent_hashes(const machine_limits& limits, const argon2_parameters& parameters) {
  if (!limits.memory_bytes) return std::max(limits.cores, 1U);
  const auto spare = *limits.memory_bytes - std::min(*limits.memory_bytes, memory_for_the_rest);
  const auto fitting = spare / (std::uint64_t{parameters.memory_kib} * 1024);
  return std::clamp<std::uint64_t>(fitting, 1, std::max(limits.cores, 1U));
}

argon2_password_hasher::argon2_password_hasher(argon2_parameters parameters, async::offload_pool& pool)
    : parameters_(parameters), pool_(pool) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
}

async::task<std::string> argon2_password_hasher::hash(password what, std::string client) {
  password_salt salt{};
  randombytes_buf(salt.data(), salt.size());
  return hash(std::move(what), salt, std::move(client));
}

async::task<std::string> argon2_password_hasher::hash(password what, password_salt salt, std::string client) {
  auto work = [what = std::move(what), parameters = parameters_, salt] { return compute(what, parameters, salt); };
  co_return co_await pool_.run(std::move(work), std::move(client));
}

async::task<bool> argon2_password_hasher::verify(password what, std::string stored, std::string client) {
  const auto parameters = parameters_of(stored);
  if (!parameters || parameters->memory_kib > most_memory_kib || parameters->passes > most_passes) co_return false;
  auto work = [what = std::move(what), stored = std::move(stored)] { return matches(what, stored); };
  co_return co_await pool_.run(std::move(work), std::move(client));
}

bool argon2_password_hasher::needs_rehash(std::string_view stored) const {
  const auto parameters = parameters_of(stored);
  return !parameters || parameters->memory_kib != parameters_.memory_kib || parameters->passes != parameters_.passes;
}

}  // namespace micro_sayur::crypto
