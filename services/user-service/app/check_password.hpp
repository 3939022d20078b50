// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/password_hasher.hpp"
#include "user-service/app/device_tokens.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/login_throttle.hpp"
#include "user-service/ports/registration_store.hpp"
#include "user-service/ports/security_log.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace micro_sayur::user_service {

/// What somebody who wants to sign in has typed, and where.
struct credentials {
  std::string email;
  crypto::password password;
  std::string device_token;  ///< of an earlier login; may be empty
  origin from;
};

/// The one place where passwords are tried: throttled first, hashed in the client's turn, counted by the outcome. Neither the outcome nor
/// its time tells whether an address has an account.
class check_password {
 public:
  struct nobody {
    std::optional<uuid> tried;  ///< the account that the address has
  };
  struct throttled {
    std::chrono::seconds wait;
  };
  using outcome = std::variant<nobody, throttled, account, registration>;

  check_password(const environment& env, account_store& accounts, registration_store& registrations, crypto::password_hasher& hasher,
                 login_throttle& throttle, const device_tokens& devices, security_log& log)
      : env_(env), accounts_(accounts), registrations_(registrations), hasher_(hasher), throttle_(throttle), devices_(devices), log_(log) {}

  /// The account or the waiting registration that the password opens. A registration counts as a failure: an answer that differed, also
  /// after ten tries, would tell that the address has no account.
  async::task<outcome> run(credentials typed);

  /// Whether the password is that of a registration of which a token is at hand. Counted by the registration, not by its address: only who
  /// reads the mails of that address gets so far, and what strangers do at login does not bind him. A right one clears no count.
  async::task<std::variant<bool, throttled>> opens(registration waiting, crypto::password password, origin from);

 private:
  using owner = std::variant<nobody, account, registration>;
  using work = std::function<async::task<attempt_result>()>;
  struct counted {
    attempt_result result;
    std::chrono::seconds delay;  ///< that this attempt has begun
  };

  async::task<std::variant<throttled, counted>> attempt(login_attempt what, work look);
  void record(const counted& what, std::optional<uuid> account_id, const origin& from);
  async::task<std::string> known_device(std::string token, std::string email_key);
  async::task<owner> find_owner(std::string email_key, crypto::password password, std::string network);
  async::task<owner> find_account(account known, std::vector<crypto::password> forms, std::string network);
  async::task<owner> find_registration(std::string email_key, std::vector<crypto::password> forms, std::string network);

  const environment& env_;
  account_store& accounts_;
  registration_store& registrations_;
  crypto::password_hasher& hasher_;
  login_throttle& throttle_;
  const device_tokens& devices_;
  security_log& log_;
};

/// Under which name failures of an address are counted, for known and unknown accounts alike.
std::string throttle_key(std::string_view email);

}  // namespace micro_sayur::user_service
