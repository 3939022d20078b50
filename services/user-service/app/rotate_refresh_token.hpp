// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/token_issuer.hpp"
#include "user-service/ports/session_store.hpp"
#include "user-service/ports/session_verdicts.hpp"

#include <string>
#include <variant>

namespace micro_sayur::user_service {

/// Exchanges a refresh token for its successor. The successor is an HMAC of the presented token under a key of the service, so that a
/// client whose answer was lost gets the same one again, although only digests are stored.
class rotate_refresh_token {
 public:
  struct invalid {};
  struct reused {};  ///< presented again after the grace period: the whole family is revoked
  using outcome = std::variant<token_pair, invalid, reused>;

  rotate_refresh_token(const environment& env, session_store& sessions, session_verdicts& verdicts, const token_issuer& issuer,
                       std::string key)
      : env_(env), sessions_(sessions), verdicts_(verdicts), issuer_(issuer), key_(std::move(key)) {}

  async::task<outcome> run(std::string presented);

 private:
  std::string successor_of(const std::string& token) const;
  async::task<outcome> run_again(std::string presented);
  token_pair issue(refresh_state state, std::string token) const;

  const environment& env_;
  session_store& sessions_;
  session_verdicts& verdicts_;
  const token_issuer& issuer_;
  const std::string key_;
};

}  // namespace micro_sayur::user_service
