// SPDX-License-Identifier: Apache-2.0
// Bearer tokens (RFC 6750) of requests.
#pragma once

#include "platform/async/task.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/http/message.hpp"

#include <cstring>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace micro_sayur::http {

/// The keys with which tokens may be signed. With `refresh`, the source is asked again where that has not just been done.
using key_source = std::function<async::task<std::shared_ptr<const crypto::jwk_set>>(bool refresh)>;

/// Verifies access tokens and remembers, per core, those that were good until they expire or the
/// keys change. Thread-safe.
class bearer_authenticator {
 public:
  /// `verifier` and `clock` must outlive this. `cores` is the runtime's number.
  bearer_authenticator(const crypto::access_token_verifier& verifier, key_source keys, const clock_source& clock, std::size_t cores);

  /// The claims of the request's token. Throws problem_error (unauthenticated, with WWW-Authenticate).
  async::task<std::shared_ptr<const crypto::access_token_claims>> authenticate(const request& from);

 private:
  struct digest_hash {
    std::size_t operator()(const crypto::digest& digest) const {
      std::size_t hash = 0;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };
  struct verdict {
    std::shared_ptr<const crypto::access_token_claims> claims;
    std::shared_ptr<const crypto::jwk_set> keys;  ///< by which it was verified
  };
  using remembered = std::unordered_map<crypto::digest, verdict, digest_hash>;

  async::task<verdict> verify(std::string token, std::shared_ptr<const crypto::jwk_set> keys);

  const crypto::access_token_verifier& verifier_;
  const key_source keys_;
  const clock_source& clock_;
  std::vector<remembered> cores_;
};

/// The answer to a request whose token is missing, or not good any more. `error` as RFC 6750 section 3.1 names it; "" without a token.
problem unauthenticated_problem(std::string_view error, std::string_view detail);

/// Throws problem_error (forbidden) when the role is missing.
void require_role(const crypto::access_token_claims& claims, std::string_view role);

}  // namespace micro_sayur::http
