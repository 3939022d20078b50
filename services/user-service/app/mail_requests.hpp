// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/environment.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/mail_allowance.hpp"
#include "user-service/ports/mail_request_store.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>

namespace micro_sayur::user_service {

/// What somebody asked to have mailed, if the address is one that gets it. Done in two steps, so that nobody learns whether it is: until
/// the answer the same is done for every address, and what is done for some comes at a time that does not depend on the request.
class mail_requests {
 public:
  mail_requests(const environment& env, account_store& accounts, registration_store& registrations, mail_request_store& kept,
                mail_allowance& allowance)
      : env_(env), accounts_(accounts), registrations_(registrations), kept_(kept), allowance_(allowance) {}

  /// Keeps the request. What was kept is not lost when the process ends. Throws async::overloaded when too many wait.
  async::task<> keep(mail_request what);

  /// Settles what was asked for, by this and by other instances, until cancelled. To be run once.
  async::task<> settle_forever();

  /// Settles some requests, client networks in turns; false when none is left.
  async::task<bool> settle_some();

  /// How many wait in all instances, as of the last look; thread-safe.
  std::int64_t waiting() const { return waiting_; }

 private:
  async::task<> settle_all();
  async::task<std::optional<mailed_token>> decide(mail_request what);
  async::task<std::optional<mailed_token>> decide_reset(mail_request what);
  async::task<std::optional<mailed_token>> decide_verification(mail_request what);
  async::task<bool> is_allowed(mail_cause why, uuid id, std::string email_key, origin from);

  const environment& env_;
  account_store& accounts_;
  registration_store& registrations_;
  mail_request_store& kept_;
  mail_allowance& allowance_;
  std::atomic<bool> was_asked_ = true;  ///< an earlier process may have left some
  std::atomic<std::int64_t> waiting_ = 0;
  std::map<uuid, bool> allowed_;  ///< by request, until it is settled: each is counted once, however often it has to be tried
};

}  // namespace micro_sayur::user_service
