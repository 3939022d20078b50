// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/uuid.hpp"
#include "user-service/domain/user_event.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace micro_sayur::user_service {

/// The words of OWASP's Application Logging Vocabulary Cheat Sheet.
namespace security_events {
inline constexpr std::string_view login_success = "authn_login_success";
inline constexpr std::string_view login_failure = "authn_login_fail";
inline constexpr std::string_view login_lock = "authn_login_lock";
inline constexpr std::string_view password_change = "authn_password_change";
inline constexpr std::string_view token_reuse = "authn_token_reuse";
inline constexpr std::string_view token_late =
    "authn_token_late";                                     ///< not OWASP's: a used refresh token was answered after the grace period
inline constexpr std::string_view logout = "authn_logout";  ///< not OWASP's
inline constexpr std::string_view user_created = "user_created";
inline constexpr std::string_view user_updated = "user_updated";
inline constexpr std::string_view user_deleted = "user_deleted";
inline constexpr std::string_view role_change = "authz_change";

inline constexpr std::array all{login_success, login_failure, login_lock,   password_change, token_reuse, token_late,
                                logout,        user_created,  user_updated, user_deleted,    role_change};
}  // namespace security_events

/// What happened to an account that whoever watches for attacks wants to know. Never an address, a password or a token. Thread-safe.
class security_log {
 public:
  virtual ~security_log() = default;

  /// `event` is one of security_events. Without an account when there is none, or nobody may learn of which.
  virtual void record(std::string_view event, std::optional<uuid> account_id, const origin& from, std::string_view detail = "") = 0;
};

}  // namespace micro_sayur::user_service
