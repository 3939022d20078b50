// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/digest.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace micro_sayur::crypto {
namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

// OpenSSL's uses the processor's instructions for it, which libsodium's does not: every request has a token to be digested.
digest sha256(std::string_view text) {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free);
  digest out{};
  if (EVP_Digest(text.data(), text.size(), out.data(), nullptr, algorithm.get(), nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot make a SHA-256 digest");
  return out;
}

digest sha256_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::array<char, 65536> part{};
  while (in.read(part.data(), part.size()) || in.gcount() > 0)
    crypto_hash_sha256_update(&state, bytes_of(part.data()), static_cast<unsigned long long>(in.gcount()));
  if (!in.eof()) throw std::runtime_error("cannot read " + file.string());
  digest out{};
  crypto_hash_sha256_final(&state, out.data());
  return out;
}

digest hmac_sha256(std::string_view key, std::string_view text) {
  digest out{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
  return out;
}

bool constant_time_equal(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool constant_time_equal(const digest& left, const digest& right) { return sodium_memcmp(left.data(), right.data(), left.size()) == 0; }

std::string to_base64url(std::span<const std::uint8_t> bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.pop_back();  // the closing NUL
  return out;
}

std::string to_base64url(std::string_view bytes) { return to_base64url(std::span(bytes_of(bytes), bytes.size())); }

std::optional<std::string> from_base64url(std::string_view text) {
  // libsodium 1.0.18 takes some bytes beyond ASCII for letters of the alphabet.
  if (std::ranges::any_of(text, [](char letter) { return static_cast<unsigned char>(letter) >= 0x80; })) return std::nullopt;
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr, &size, &end,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      end != text.data() + text.size())
    return std::nullopt;
  out.resize(size);
  return out;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();  // the closing NUL
  return out;
}

}  // namespace micro_sayur::crypto
