// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/offload_pool.hpp"
#include "platform/base/system.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "user-service/domain/email_address.hpp"
#include "user-service/ports/registration_store.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::user_service {

/// What every use case stands on. Outlives them; thread-safe.
struct environment {
  const clock_source& clock;
  random_source& random;
  id_source& ids;
  async::offload_pool& computing;  ///< for what computes for milliseconds
  std::string public_base_url;     ///< without a slash at the end
  std::chrono::seconds verify_lifetime;
  std::chrono::seconds reset_lifetime;
  /// Secrets for a purpose: first the one to make new things with, then those by which older ones are known still.
  std::function<std::vector<std::string>(std::string_view purpose)> derive_secrets;
  new_address_rules new_addresses = {};
  std::string country_code = "62";  ///< of telephone numbers without one
};

/// A new token: the text that goes out in a link, and what is stored of it.
struct new_token {
  std::string text;
  token_digest digest;
};

/// All registrations of an address share a salt that nobody else knows or has, so that one hash finds the one that a password opens.
crypto::password_salt registration_salt(const environment& env, std::string_view email_key);

new_token make_token(random_source& random);
token_digest digest_of(std::string_view token);

}  // namespace micro_sayur::user_service
