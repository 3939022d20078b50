// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/adapters/http/session_check.hpp"
#include "notification-service/ports/notification_store.hpp"
#include "platform/base/system.hpp"
#include "platform/http/bearer.hpp"
#include "platform/http/router.hpp"

#include <functional>
#include <vector>

namespace micro_sayur::notification_service {

/// What the endpoints of /api/v1/notifications call. Outlives the routes.
struct notification_use_cases {
  notification_store& store;
  http::bearer_authenticator& bearer;
  session_check session_is_live;
  std::function<async::task<consistency>(uuid session)> consistency_for;  ///< of what the session is shown
  std::function<async::task<>(uuid session)> note_written;                ///< what the session wrote is committed; before it is answered
  const clock_source& clock;
  std::function<void()> wake_deliveries;  ///< something has become due; called on any io thread
  /// What a caller did or was refused: a word of OWASP's logging vocabulary, the account, and the operation. Called on any io thread.
  std::function<void(std::string_view event, uuid account_id, const http::request& from, std::string_view detail)> tell_security;
};

/// For the role admin only.
std::vector<http::route> notification_routes(const notification_use_cases& use_cases);

}  // namespace micro_sayur::notification_service
