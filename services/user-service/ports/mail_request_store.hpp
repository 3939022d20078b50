// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "user-service/ports/registration_store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace micro_sayur::user_service {

/// Somebody asked for a new password for an address, which may have an account or not; or for the mail of a registration again, which may
/// be there or not.
struct mail_request {
  uuid id;
  std::string email_key;                ///< for a new password; else ""
  std::optional<uuid> registration_id;  ///< for the mail of a registration
  origin from;
};

/// A token to reset the password of an account or to verify a registration, with the event that mails it and tells which.
struct mailed_token {
  uuid owner_id;  ///< the account or the registration
  token_digest token;
  std::chrono::seconds lifetime;
  user_event event;
};

/// Requests for mails that are settled after their answer. Lifetimes are measured by the store's clock. Throws as platform/sql/error.hpp.
class mail_request_store {
 public:
  virtual ~mail_request_store() = default;

  /// The same work for every request. It stands behind those of the same network that wait, and in turns with those of others.
  virtual async::task<> add(mail_request what) = 0;

  /// What becomes of a request: a token, or nothing. Asked again, also about another request, when the first attempt to settle took no
  /// effect.
  using decision = std::function<async::task<std::optional<mailed_token>>(mail_request)>;

  /// Settles the next requests that no other instance is at, `most` at most, together: keeps what `decide` returns for each and drops them,
  /// all or nothing. A token whose account is not active any more, or whose registration is gone, is not kept; the older token of a
  /// registration dies. The ids of the settled ones. After a failure they are all still there, or wholly settled.
  virtual async::task<std::vector<uuid>> settle(std::size_t most, decision decide) = 0;

  /// How many wait; `most` when there are more.
  virtual async::task<std::int64_t> count_waiting(std::int64_t most) = 0;
};

}  // namespace micro_sayur::user_service
