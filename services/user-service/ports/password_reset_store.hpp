// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "user-service/ports/registration_store.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::user_service {

/// Somebody asked for a new password for an address, which may have an account or not.
struct password_reset_request {
  uuid id;
  std::string email_key;
  origin from;
};

/// A token for an account, with the event that mails it.
struct password_reset {
  uuid account_id;
  token_digest token;
  std::chrono::seconds lifetime;
  user_event event;
};

/// Tokens that allow to set a new password, and the requests for them. Lifetimes are measured by the store's clock. Throws as
/// platform/sql/error.hpp.
class password_reset_store {
 public:
  virtual ~password_reset_store() = default;

  /// The same work for every address. It stands behind those of the same network that wait, and in turns with those of others.
  virtual async::task<> add(password_reset_request what) = 0;

  /// What becomes of a request: a token, or nothing. Asked again, also about another request, when the first attempt to settle took no
  /// effect.
  using decision = std::function<async::task<std::optional<password_reset>>(password_reset_request)>;

  /// Settles the next requests that no other instance is at, `most` at most, together: keeps what `decide` returns for each, if the account
  /// is active still, and drops them, all or nothing. The ids of the settled ones. After a failure they are all still there, or wholly
  /// settled.
  virtual async::task<std::vector<uuid>> settle(std::size_t most, decision decide) = 0;

  /// How many wait; `most` when there are more.
  virtual async::task<std::int64_t> count_waiting(std::int64_t most) = 0;

  /// The account that an unused, unexpired token is for.
  virtual async::task<std::optional<account>> find_account(token_digest token) = 0;

  /// Uses the token: sets the hash, ends every session of the account, voids its other reset tokens, keeps the event, changes the account
  /// as of `now`. The ids of the
  /// ended sessions; nullopt when the token was used or has expired meanwhile, and nothing has changed.
  virtual async::task<std::optional<std::vector<uuid>>> use(token_digest token, std::string password_hash, timestamp now,
                                                            user_event event) = 0;
};

}  // namespace micro_sayur::user_service
