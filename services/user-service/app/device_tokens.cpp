// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/device_tokens.hpp"

#include "platform/crypto/digest.hpp"

#include <array>

namespace micro_sayur::user_service {
namespace {

constexpr std::string_view purpose = "device tokens";

std::string sign(std::string_view key, std::string_view nonce, std::string_view email_key) {
  std::string text(nonce);
  text += ' ';
  text += email_key;
  return crypto::to_base64url(crypto::hmac_sha256(key, text));
}

}  // namespace

std::string device_tokens::make(std::string_view email_key) const {
  std::array<std::uint8_t, 16> random{};
  env_.random.fill(random);
  const auto nonce = crypto::to_base64url(random);
  return nonce + "." + sign(env_.derive_secrets(purpose).front(), nonce, email_key);
}

std::string device_tokens::recognise(std::string_view token, std::string_view email_key) const {
  const auto dot = token.find('.');
  const auto nonce = token.substr(0, dot);
  const auto signature = dot == std::string_view::npos ? std::string_view() : token.substr(dot + 1);
  bool is_ours = false;
  for (const auto& key : env_.derive_secrets(purpose)) is_ours |= crypto::constant_time_equal(signature, sign(key, nonce, email_key));
  return is_ours ? std::string(nonce) : std::string();
}

}  // namespace micro_sayur::user_service
