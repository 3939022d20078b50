// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/authenticate.hpp"

namespace micro_sayur::user_service {

async::task<std::shared_ptr<const crypto::access_token_claims>> authenticate(http::bearer_authenticator& bearer, session_verdicts& verdicts,
                                                                             const http::request& from) {
  auto claims = co_await bearer.authenticate(from);
  if (!co_await verdicts.is_live(claims->session)) throw session_ended();
  co_return claims;
}

http::problem_error session_ended() {
  return http::problem_error(http::unauthenticated_problem("invalid_token", "The session has ended."));
}

}  // namespace micro_sayur::user_service
