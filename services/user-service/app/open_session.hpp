// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/device_tokens.hpp"
#include "user-service/app/token_issuer.hpp"
#include "user-service/ports/session_store.hpp"

#include <optional>

namespace micro_sayur::user_service {

/// The last step of signing in.
class open_session {
 public:
  open_session(const environment& env, session_store& sessions, const token_issuer& issuer, const device_tokens& devices)
      : env_(env), sessions_(sessions), issuer_(issuer), devices_(devices) {}

  /// `owner` as it was when its password was looked at; nullopt when it has got another one since, or was disabled or deleted.
  async::task<std::optional<token_pair>> run(account owner);

 private:
  const environment& env_;
  session_store& sessions_;
  const token_issuer& issuer_;
  const device_tokens& devices_;
};

}  // namespace micro_sayur::user_service
