// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "user-service/domain/account.hpp"
#include "user-service/domain/user_event.hpp"
#include "user-service/ports/idempotency.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// SHA-256 of a token; the token itself is never stored.
using token_digest = std::array<std::uint8_t, 32>;

/// Registrations that await verification. Every writing call is one transaction that also holds its event. Lifetimes are measured by the
/// store's clock. Throws as platform/sql/error.hpp.
class registration_store {
 public:
  virtual ~registration_store() = default;

  /// Keeps a registration with the digest of its token; without an event nobody is mailed that token. With a claim, an earlier use of its
  /// key decides: nothing is kept then.
  virtual async::task<claim_outcome> add(registration what, token_digest token, std::chrono::seconds lifetime,
                                         std::optional<user_event> event, std::optional<idempotency_claim> claim) = 0;

  /// Somebody registered an address that has an account: only its owner is told, and without an event not even he. Both write, in as many
  /// trips, and take equally long.
  virtual async::task<claim_outcome> add_attempt(uuid account_id, std::optional<user_event> event,
                                                 std::optional<idempotency_claim> claim) = 0;

  /// The one that an unused, unexpired token belongs to.
  virtual async::task<std::optional<registration>> find_by_token(token_digest token) = 0;

  /// Makes the account of the registration that the token belongs to, with its event, and drops the other registrations of the address.
  /// nullopt: the token is unknown, expired or used, or the address has got an account meanwhile. `now` is when
  /// the account began; `event_id` is of user.registered.
  virtual async::task<std::optional<account>> confirm(token_digest token, timestamp now, uuid event_id, origin from) = 0;

  /// The newest of an address with that hash that has not expired.
  virtual async::task<std::optional<registration>> find_waiting(std::string email_key, std::string password_hash) = 0;

  /// One that has not expired.
  virtual async::task<std::optional<registration>> find_registration(uuid id) = 0;
};

}  // namespace micro_sayur::user_service
