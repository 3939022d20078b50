// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "user-service/domain/account.hpp"
#include "user-service/domain/session.hpp"
#include "user-service/ports/registration_store.hpp"

#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// A refresh token that has been found, with its session and account.
struct refresh_state {
  session of;
  account owner;
  timestamp expires_at;              ///< of the token
  std::optional<timestamp> used_at;  ///< when it was exchanged for its successor
  bool revoked = false;              ///< the session has ended
};

/// Sessions and their refresh tokens. Throws as platform/sql/error.hpp.
class session_store {
 public:
  virtual ~session_store() = default;

  /// False, and nothing is kept, when the account is not active any more or its credential has another version than the one whose password
  /// was looked at.
  virtual async::task<bool> add(session what, std::int64_t credential_version, token_digest refresh_token,
                                timestamp refresh_expires_at) = 0;

  /// Marks a token as used and stores its successor, if it was unused, unexpired, and its session and account are live. Then returns
  /// the state of the successor; nullopt otherwise, and nothing has changed.
  virtual async::task<std::optional<refresh_state>> rotate(token_digest presented, token_digest successor, timestamp now) = 0;

  virtual async::task<std::optional<refresh_state>> find(token_digest refresh_token) = 0;

  /// Notes that a used token of the session came back after the grace period; the same one may come again. False when another did within
  /// `late_token_interval`, or the session has ended.
  virtual async::task<bool> note_late(uuid session_id, token_digest token, timestamp now) = 0;

  /// Whether the session may still be used: neither revoked nor expired, its account active.
  virtual async::task<bool> is_live(uuid session_id, timestamp now) = 0;

  /// The account of a session that may still be used; nullopt when it may not.
  virtual async::task<std::optional<account>> find_owner(uuid session_id, timestamp now) = 0;

  virtual async::task<> revoke(uuid session_id, timestamp now) = 0;
};

}  // namespace micro_sayur::user_service
