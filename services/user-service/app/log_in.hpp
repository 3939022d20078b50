// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/check_password.hpp"
#include "user-service/app/token_issuer.hpp"
#include "user-service/ports/login_throttle.hpp"
#include "user-service/ports/session_store.hpp"

#include <chrono>
#include <string>
#include <variant>

namespace micro_sayur::user_service {

/// Opens a session for the right password.
class log_in {
 public:
  struct wrong_credentials {};
  struct not_verified {};
  struct disabled {};
  struct throttled {
    std::chrono::seconds wait;
  };
  using outcome = std::variant<token_pair, wrong_credentials, not_verified, disabled, throttled>;

  log_in(const environment& env, check_password& passwords, login_throttle& throttle, session_store& sessions, const token_issuer& issuer)
      : env_(env), passwords_(passwords), throttle_(throttle), sessions_(sessions), issuer_(issuer) {}

  async::task<outcome> run(std::string email, std::string password, std::string client_address);

 private:
  async::task<token_pair> open_session(account owner);

  const environment& env_;
  check_password& passwords_;
  login_throttle& throttle_;
  session_store& sessions_;
  const token_issuer& issuer_;
};

/// Under which name failures of an address are counted, for known and unknown accounts alike.
std::string throttle_key(const std::string& email);

}  // namespace micro_sayur::user_service
