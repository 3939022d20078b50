// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/http/bearer.hpp"
#include "user-service/ports/session_verdicts.hpp"

namespace micro_sayur::user_service {

/// The claims of a request whose token is good and whose session is live. Throws problem_error (unauthenticated).
async::task<std::shared_ptr<const crypto::access_token_claims>> authenticate(http::bearer_authenticator& bearer, session_verdicts& verdicts,
                                                                             const http::request& from);

/// What the others get: 401.
http::problem_error session_ended();

}  // namespace micro_sayur::user_service
