// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/http/bearer.hpp"
#include "platform/http/router.hpp"
#include "user-service/adapters/http/profile_cache.hpp"
#include "user-service/app/update_profile.hpp"
#include "user-service/ports/session_verdicts.hpp"

#include <functional>
#include <vector>

namespace micro_sayur::user_service {

/// What the endpoints of /api/v1/profile call. Outlives the routes.
struct profile_use_cases {
  update_profile& updating;
  profile_cache& cache;
  http::bearer_authenticator& bearer;
  session_verdicts& verdicts;
  std::function<async::task<>(uuid session)> note_written;  ///< what the session wrote is committed; before it is answered
};

std::vector<http::route> profile_routes(const profile_use_cases& use_cases);

}  // namespace micro_sayur::user_service
