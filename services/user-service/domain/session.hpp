// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/time.hpp"
#include "platform/base/uuid.hpp"

#include <chrono>

namespace micro_sayur::user_service {

inline constexpr auto access_token_lifetime = std::chrono::minutes(10);
inline constexpr auto refresh_idle_lifetime = std::chrono::days(30);
inline constexpr auto refresh_absolute_lifetime = std::chrono::days(90);

/// A used refresh token gets the same, unused successor again for this long: a lost answer is no attack (FAPI 2.0 section 5.3.2.1).
inline constexpr auto refresh_grace = std::chrono::seconds(10);

/// Beyond the grace one token of a session may still do so, within this time of its use (docs/adr/0007-refresh-tokens.md); the next
/// token that is late within the same time ends the session.
inline constexpr auto late_token_interval = std::chrono::hours(24);

/// One login: a family of refresh tokens and the access tokens made from them.
struct session {
  uuid id;
  uuid account_id;
  timestamp expires_at;  ///< absolute, by the store's clock
};

}  // namespace micro_sayur::user_service
