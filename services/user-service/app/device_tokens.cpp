// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/device_tokens.hpp"

#include "platform/crypto/digest.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>

namespace micro_sayur::user_service {
namespace {

constexpr std::string_view purpose = "device tokens";

/// `signed_part` is NONCE.VERSION.
std::string sign(std::string_view key, std::string_view signed_part, std::string_view email_key) {
  return crypto::to_base64url(crypto::hmac_sha256(key, fmt::format("{} {}", signed_part, email_key)));
}

}  // namespace

std::string device_tokens::make(std::string_view email_key, std::int64_t credential_version) const {
  std::array<std::uint8_t, 16> nonce{};
  env_.random.fill(nonce);
  const auto signed_part = fmt::format("{}.{}", crypto::to_base64url(nonce), credential_version);
  return fmt::format("{}.{}", signed_part, sign(env_.derive_secrets(purpose).front(), signed_part, email_key));
}

std::optional<device_tokens::device> device_tokens::recognise(std::string_view token, std::string_view email_key) const {
  const auto last_dot = std::min(token.rfind('.'), token.size());
  const auto signed_part = token.substr(0, last_dot);
  const auto signature = token.substr(std::min(last_dot + 1, token.size()));
  bool is_ours = false;
  for (const auto& key : env_.derive_secrets(purpose)) is_ours |= crypto::constant_time_equal(signature, sign(key, signed_part, email_key));
  if (!is_ours) return std::nullopt;
  const auto dot = signed_part.find('.');
  device found{.name = std::string(signed_part.substr(0, dot)), .credential_version = 0};
  const auto version = signed_part.substr(dot + 1);
  std::from_chars(version.data(), version.data() + version.size(), found.credential_version);
  return found;
}

}  // namespace micro_sayur::user_service
