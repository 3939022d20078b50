// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/environment.hpp"

#include "platform/crypto/digest.hpp"
#include "platform/crypto/token.hpp"

#include <algorithm>

namespace micro_sayur::user_service {

crypto::password_salt registration_salt(const environment& env, std::string_view email_key) {
  const auto derived = crypto::hmac_sha256(env.derive_secrets("registration salts").front(), email_key);
  crypto::password_salt salt{};
  std::copy_n(derived.begin(), salt.size(), salt.begin());
  return salt;
}

new_token make_token(random_source& random) {
  auto text = crypto::make_token(random);
  const auto digest = digest_of(text);
  return {std::move(text), digest};
}

token_digest digest_of(std::string_view token) { return crypto::token_digest(token); }

}  // namespace micro_sayur::user_service
