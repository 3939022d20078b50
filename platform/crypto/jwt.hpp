// SPDX-License-Identifier: Apache-2.0
// Access tokens as JWT (RFC 9068), signed with ES256.
#pragma once

#include "platform/base/system.hpp"
#include "platform/crypto/jwk.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::crypto {

/// What clocks of different machines may differ by.
inline constexpr std::chrono::seconds jwt_leeway{30};

/// A longer token is malformed, before anything in it is read.
inline constexpr std::size_t longest_jwt = 8 * 1024;

/// client_id (RFC 9068 section 2.2 asks for it): every client is one of ours, none is registered. Read by nobody here.
inline constexpr std::string_view first_party_client = "micro-sayur";

struct access_token_claims {
  std::string issuer;                   ///< iss
  std::string audience;                 ///< aud; of several, the one asked for
  uuid subject;                         ///< sub: the account
  uuid session;                         ///< sid
  std::vector<std::string> roles;       ///< roles
  std::chrono::sys_seconds issued_at;   ///< iat
  std::chrono::sys_seconds expires_at;  ///< exp
  uuid id;                              ///< jti

  bool operator==(const access_token_claims&) const = default;
};

/// Throws std::runtime_error when `key` has no private part.
std::string sign_access_token(const access_token_claims& claims, const jwk& key);

/// In the order in which they are looked for.
enum class jwt_error {
  malformed,
  wrong_algorithm,
  wrong_type,
  unknown_key,
  bad_signature,
  bad_claims,
  wrong_issuer,
  wrong_audience,
  expired,
  not_yet_valid,
};

/// Such as "bad_signature".
std::string_view to_string(jwt_error error);

/// Thread-safe. Keeps a reference to the clock.
class access_token_verifier {
 public:
  access_token_verifier(std::string issuer, std::string audience, const clock_source& clock)
      : issuer_(std::move(issuer)), audience_(std::move(audience)), clock_(clock) {}

  /// The claims of a token that one of `keys` signed for this audience and that is valid now. Only `alg` ES256 and `typ` at+jwt are
  /// accepted, whatever the keys are.
  std::expected<access_token_claims, jwt_error> verify(std::string_view token, const jwk_set& keys) const;

 private:
  std::expected<access_token_claims, jwt_error> check(access_token_claims claims) const;

  const std::string issuer_;
  const std::string audience_;
  const clock_source& clock_;
};

}  // namespace micro_sayur::crypto
