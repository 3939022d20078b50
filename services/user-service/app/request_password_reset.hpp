// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/environment.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/mail_allowance.hpp"
#include "user-service/ports/password_reset_store.hpp"

#include <atomic>
#include <map>
#include <optional>
#include <string>

namespace micro_sayur::user_service {

/// Mails a reset link when the address has an account. In two steps, so that nobody learns whether it has: until the answer the same is
/// done for every address, and what is done for a known one comes at a time that does not depend on the request.
class request_password_reset {
 public:
  request_password_reset(const environment& env, account_store& accounts, password_reset_store& resets, mail_allowance& allowance)
      : env_(env), accounts_(accounts), resets_(resets), allowance_(allowance) {}

  /// Keeps the request. What was kept is not lost when the process ends.
  async::task<> run(std::string email, origin from);

  /// Settles what was asked for, by this and by other instances, until cancelled. To be run once.
  async::task<> settle_forever();

  /// Settles the oldest request; false when there is none.
  async::task<bool> settle_oldest();

 private:
  /// What was decided for a request, and whose allowance it counts in.
  struct decided {
    std::optional<password_reset> outcome;
    std::string email_key;
    origin from;
  };
  using decisions = std::map<uuid, decided>;

  async::task<std::optional<password_reset>> decide_once(decisions& made, password_reset_request what);
  async::task<std::optional<password_reset>> decide(password_reset_request what);
  async::task<> settle_all();

  const environment& env_;
  account_store& accounts_;
  password_reset_store& resets_;
  mail_allowance& allowance_;
  std::atomic<bool> was_asked_ = true;  ///< an earlier process may have left some
};

}  // namespace micro_sayur::user_service
