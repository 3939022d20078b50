// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/sealing.hpp"

#include <sodium.h>

#include <stdexcept>

namespace micro_sayur::crypto {
namespace {

constexpr std::size_t key_size = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void expect_key(std::string_view key) {
  if (key.size() != key_size) throw std::invalid_argument("a key for sealing has 32 bytes");
}

}  // namespace

std::vector<std::uint8_t> seal(std::string_view text, std::span<const std::uint8_t> bound_to, std::string_view key, random_source& random) {
  expect_key(key);
  std::vector<std::uint8_t> sealed(nonce_size + text.size() + tag_size);
  const auto nonce = std::span(sealed).first(nonce_size);
  random.fill(nonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + nonce_size, nullptr, bytes_of(text), text.size(), bound_to.data(),
                                             bound_to.size(), nullptr, nonce.data(), bytes_of(key));
  return sealed;
}

std::optional<std::string> unseal(std::span<const std::uint8_t> sealed, std::span<const std::uint8_t> bound_to, std::string_view key) {
  expect_key(key);
  if (sealed.size() < nonce_size + tag_size) return std::nullopt;
  const auto nonce = sealed.first(nonce_size);
  const auto rest = sealed.subspan(nonce_size);
  std::string text(rest.size() - tag_size, '\0');
  const int failed =
      crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(text.data()), nullptr, nullptr, rest.data(), rest.size(),
                                                 bound_to.data(), bound_to.size(), nonce.data(), bytes_of(key));
  if (failed != 0) return std::nullopt;
  return text;
}

}  // namespace micro_sayur::crypto
