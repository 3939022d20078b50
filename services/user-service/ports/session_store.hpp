// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "platform/base/consistency.hpp"
#include "user-service/domain/account.hpp"
#include "user-service/domain/session.hpp"
#include "user-service/ports/registration_store.hpp"

#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// A session to be opened, with its first refresh token.
struct new_session {
  uuid id;
  uuid account_id;
  std::int64_t credential_version;  ///< of the credential whose password was looked at
  token_digest refresh_token;
};

/// A refresh token that has been found, with its session and account. All times are by the store's clock.
struct refresh_state {
  session of;
  account owner;
  timestamp expires_at;              ///< of the token
  std::optional<timestamp> used_at;  ///< when it was exchanged for its successor
  bool revoked = false;              ///< the session has ended
  timestamp as_of;                   ///< when this was so
};

/// Sessions and their refresh tokens. A session lives for refresh_absolute_lifetime, a token for refresh_idle_lifetime and no longer than
/// its session, all by the store's clock. Throws as platform/sql/error.hpp.
class session_store {
 public:
  virtual ~session_store() = default;

  /// False, and nothing is kept, when the account is not active any more or its credential has another version.
  virtual async::task<bool> add(new_session what) = 0;

  /// Marks a token as used and stores its successor, if it was unused, unexpired, and its session and account are live. Then returns
  /// the state of the successor; nullopt otherwise, and nothing has changed.
  virtual async::task<std::optional<refresh_state>> rotate(token_digest presented, token_digest successor) = 0;

  virtual async::task<std::optional<refresh_state>> find(token_digest refresh_token) = 0;

  /// Notes that a used token of the session came back after the grace period; the same one may come again. False when another did within
  /// `late_token_interval`, or the session has ended.
  virtual async::task<bool> note_late(uuid session_id, token_digest token) = 0;

  /// Whether the session may still be used: neither revoked nor expired, its account active.
  virtual async::task<bool> is_live(uuid session_id, consistency wanted) = 0;

  /// The account of a session that may still be used; nullopt when it may not.
  virtual async::task<std::optional<account>> find_owner(uuid session_id, consistency wanted) = 0;

  virtual async::task<> revoke(uuid session_id) = 0;
};

}  // namespace micro_sayur::user_service
