// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/token_issuer.hpp"

#include "platform/crypto/jwt.hpp"

namespace micro_sayur::user_service {

token_pair token_issuer::issue(uuid session_id, account owner, std::string refresh_token, std::chrono::seconds refresh_lifetime) const {
  const auto issued_at = std::chrono::floor<std::chrono::seconds>(env_.clock.now());
  const crypto::access_token_claims claims{.issuer = settings_.issuer,
                                           .audience = settings_.audience,
                                           .subject = owner.id,
                                           .session = session_id,
                                           .roles = owner.roles,
                                           .issued_at = issued_at,
                                           .expires_at = issued_at + access_token_lifetime,
                                           .id = env_.ids.next()};
  auto access_token = crypto::sign_access_token(claims, keys_.current()->signing);
  return {.access_token = std::move(access_token),
          .access_lifetime = access_token_lifetime,
          .refresh_token = std::move(refresh_token),
          .refresh_lifetime = refresh_lifetime,
          .owner = std::move(owner)};
}

}  // namespace micro_sayur::user_service
