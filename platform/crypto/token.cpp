// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/token.hpp"

namespace micro_sayur::crypto {

std::string make_token(random_source& random) {
  digest bits{};
  random.fill(bits);
  return to_base64url(bits);
}

digest token_digest(std::string_view token) { return sha256(token); }

}  // namespace micro_sayur::crypto
