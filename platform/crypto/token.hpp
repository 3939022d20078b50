// SPDX-License-Identifier: Apache-2.0
// Opaque tokens: what is mailed or handed out once, and of which only the digest is stored.
#pragma once

#include "platform/base/system.hpp"
#include "platform/crypto/digest.hpp"

namespace micro_sayur::crypto {

/// 256 random bits as 43 characters of base64url.
std::string make_token(random_source& random);

/// What is stored and looked up. A plain SHA-256 is enough: such a token cannot be guessed, so it needs no slow hash.
digest token_digest(std::string_view token);

}  // namespace micro_sayur::crypto
