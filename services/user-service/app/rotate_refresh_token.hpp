// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/token_issuer.hpp"
#include "user-service/ports/security_log.hpp"
#include "user-service/ports/session_store.hpp"
#include "user-service/ports/session_verdicts.hpp"

#include <optional>
#include <string>
#include <variant>

namespace micro_sayur::user_service {

/// Exchanges a refresh token for its successor (RFC 9700 section 4.14.2). The successor is an HMAC of the presented token under a key of
/// the service, so that a client whose answer was lost gets the same one again, although only digests are stored.
class rotate_refresh_token {
 public:
  struct invalid {};
  struct reused {};  ///< presented again although its successor was used, or too late: the whole family is revoked
  using outcome = std::variant<token_pair, invalid, reused>;

  rotate_refresh_token(const environment& env, session_store& sessions, session_verdicts& verdicts, const token_issuer& issuer,
                       security_log& log)
      : env_(env), sessions_(sessions), verdicts_(verdicts), issuer_(issuer), log_(log) {}

  async::task<outcome> run(std::string presented, origin from);

 private:
  struct successor {
    std::string token;
    refresh_state state;
  };

  async::task<outcome> run_again(std::string presented, origin from);
  async::task<std::optional<successor>> find_successor(std::string presented);
  async::task<bool> may_be_late(refresh_state known, std::string presented, origin from);
  async::task<outcome> end_family(refresh_state known, origin from);
  token_pair issue(successor next) const;

  const environment& env_;
  session_store& sessions_;
  session_verdicts& verdicts_;
  const token_issuer& issuer_;
  security_log& log_;
};

}  // namespace micro_sayur::user_service
