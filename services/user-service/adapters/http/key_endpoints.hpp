// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/signing_keys.hpp"
#include "platform/http/bearer.hpp"
#include "platform/http/router.hpp"

#include <vector>

namespace micro_sayur::user_service {

/// /.well-known/jwks.json. `keys` outlives the routes.
std::vector<http::route> key_routes(const crypto::signing_keys& keys);

/// The same keys for verifying in this process. `keys` outlives the source.
http::key_source key_source_of(const crypto::signing_keys& keys);

}  // namespace micro_sayur::user_service
