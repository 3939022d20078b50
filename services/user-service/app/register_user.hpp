// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/password_hasher.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/domain/email_address.hpp"
#include "user-service/domain/field_faults.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/idempotency.hpp"
#include "user-service/ports/mail_allowance.hpp"
#include "user-service/ports/registration_store.hpp"

#include <optional>
#include <string>
#include <variant>

namespace micro_sayur::user_service {

/// Takes a registration. Whether the address has an account shows neither in the outcome nor in the time it takes; nor does it show that
/// the address has had its share of mails, and nothing is mailed.
class register_user {
 public:
  struct command {
    std::string email;
    crypto::password password;
    std::string name;
    std::optional<std::string> locale;
    std::optional<idempotency_claim> claim;  ///< with the answer that a repetition gets
    origin from;
    std::string accept_language = {};  ///< the header, for who names no locale that we have texts for
  };

  struct accepted {};
  struct repeated {
    idempotency_record record;
  };
  struct key_reused {};
  struct still_running {};
  using outcome = std::variant<accepted, repeated, key_reused, still_running, field_faults>;

  register_user(const environment& env, registration_store& registrations, account_store& accounts, idempotency_store& earlier,
                crypto::password_hasher& hasher, mail_allowance& allowance)
      : env_(env), registrations_(registrations), accounts_(accounts), earlier_(earlier), hasher_(hasher), allowance_(allowance) {}

  async::task<outcome> run(command what);

  /// Every fault of a command, whether it is run or not.
  async::task<field_faults> check(const command& what);

 private:
  struct applicant {
    email_address address;
    std::string name;
    std::string locale;
    std::string password_hash;
  };

  async::task<std::optional<outcome>> answer_of_earlier(const std::optional<idempotency_claim>& claim);
  async::task<claim_outcome> keep_within_allowance(applicant who, std::optional<idempotency_claim> claim, origin from);
  async::task<claim_outcome> keep(applicant who, std::optional<idempotency_claim> claim, origin from, bool mailed);

  const environment& env_;
  registration_store& registrations_;
  account_store& accounts_;
  idempotency_store& earlier_;
  crypto::password_hasher& hasher_;
  mail_allowance& allowance_;
};

}  // namespace micro_sayur::user_service
