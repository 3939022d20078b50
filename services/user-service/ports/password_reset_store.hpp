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
  std::string email_key;  ///< "" when what was typed is no address
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

  /// The same work for every address.
  virtual async::task<> add(password_reset_request what) = 0;

  /// What becomes of a request: a token, or nothing. Asked again, also about another request, when the first attempt to settle took no
  /// effect.
  using decision = std::function<async::task<std::optional<password_reset>>(password_reset_request)>;

  /// Settles the oldest request that no other instance is at: keeps what `decide` returns, if the account is active still, and drops the
  /// request, both or neither. The id of the settled one; nullopt when there is none. After a failure the request is still there, or wholly
  /// settled.
  virtual async::task<std::optional<uuid>> settle_oldest(decision decide) = 0;

  /// The account that an unused, unexpired token is for.
  virtual async::task<std::optional<account>> find_account(token_digest token) = 0;

  /// Uses the token: sets the hash, ends every session of the account, voids its other reset tokens, keeps the event, changes the account
  /// as of `now`. The ids of the
  /// ended sessions; nullopt when the token was used or has expired meanwhile, and nothing has changed.
  virtual async::task<std::optional<std::vector<uuid>>> use(token_digest token, std::string password_hash, timestamp now,
                                                            user_event event) = 0;
};

}  // namespace micro_sayur::user_service
