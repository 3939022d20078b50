// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/environment.hpp"

#include "platform/crypto/token.hpp"

namespace micro_sayur::user_service {

new_token make_token(random_source& random) {
  auto text = crypto::make_token(random);
  const auto digest = digest_of(text);
  return {std::move(text), digest};
}

token_digest digest_of(std::string_view token) { return crypto::token_digest(token); }

}  // namespace micro_sayur::user_service
