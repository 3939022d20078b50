// SPDX-License-Identifier: Apache-2.0
// The stores in memory, for tests of use cases.
#pragma once

#include "platform/base/system.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/mail_request_store.hpp"
#include "user-service/ports/password_reset_store.hpp"
#include "user-service/ports/registration_store.hpp"
#include "user-service/ports/session_store.hpp"

#include <map>
#include <set>
#include <vector>

namespace micro_sayur::user_service::test {

/// What the SQL stores keep, in maps, by a clock that must outlive it. It passes their contract tests.
class memory_stores final : public account_store,
                            public registration_store,
                            public idempotency_store,
                            public session_store,
                            public mail_request_store,
                            public password_reset_store {
 public:
  struct pending {
    registration what;
    token_digest token;
    timestamp expires_at;
  };
  struct refresh {
    session of;
    timestamp expires_at;
    std::optional<timestamp> used_at;
  };
  struct late_token {
    token_digest token;
    timestamp at;
  };
  struct reset {
    uuid account_id;
    timestamp expires_at;
  };

  explicit memory_stores(const clock_source& clock) : clock_(clock) {}

  std::map<uuid, account> accounts;
  std::vector<pending> registrations;
  std::map<std::pair<std::string, std::string>, idempotency_record> answers;
  std::map<std::pair<std::string, std::string>, timestamp> answered_at;
  std::set<std::pair<std::string, std::string>> running;
  std::map<token_digest, refresh> tokens;
  std::set<uuid> revoked;
  bool writer_away = false;  ///< a replica, which has all, is not
  std::map<uuid, late_token> late;
  std::map<token_digest, reset> resets;
  std::vector<std::pair<std::int64_t, mail_request>> requests;  ///< by turns
  std::vector<user_event> events;
  int lost_settlements = 0;           ///< so often the next settlement is run again
  bool settling_fails = false;        ///< after the decisions
  bool settled_all_the_same = false;  ///< and then took effect

  using account_store::find;

  /// What the contract tests count with a statement of that name.
  std::int64_t count(std::string_view statement) const;

  async::task<std::optional<account>> find(uuid id) override;
  async::task<std::optional<account>> find_by_email(std::string email_key) override;
  async::task<bool> save_profile(account changed, std::int64_t expected, timestamp now) override;
  async::task<> replace_hash(uuid id, std::string old_hash, std::string new_hash) override;
  async::task<bool> add(account what, user_event registered) override;
  async::task<bool> erase(uuid id, timestamp now, user_event deleted) override;
  async::task<bool> save_roles(uuid id, std::int64_t expected, std::vector<std::string> roles, bool ends_sessions, timestamp now) override;
  async::task<bool> set_status(uuid id, account_status wanted, timestamp now) override;

  async::task<claim_outcome> add(registration what, token_digest token, std::chrono::seconds lifetime, std::optional<user_event> event,
                                 std::optional<idempotency_claim> claim) override;
  async::task<claim_outcome> add_attempt(uuid account_id, std::optional<user_event> event, std::optional<idempotency_claim> claim) override;
  async::task<std::optional<registration>> find_by_token(token_digest token) override;
  async::task<std::optional<account>> confirm(token_digest token, timestamp now, uuid event_id, origin from) override;
  async::task<std::optional<registration>> find_waiting(std::string email_key, std::string password_hash) override;
  async::task<std::optional<registration>> find_registration(uuid id) override;
  async::task<std::optional<idempotency_record>> find(std::string route, std::string key) override;

  async::task<bool> add(new_session what) override;
  async::task<std::optional<refresh_state>> rotate(token_digest presented, token_digest successor) override;
  async::task<std::optional<refresh_state>> find(token_digest refresh_token) override;
  async::task<bool> note_late(uuid session_id, token_digest token) override;
  async::task<bool> is_live(uuid session_id, consistency wanted) override;
  async::task<std::optional<account>> find_owner(uuid session_id, consistency wanted) override;
  async::task<> revoke(uuid session_id) override;

  async::task<> add(mail_request what) override;
  async::task<std::vector<uuid>> settle(std::size_t most, decision decide) override;
  async::task<std::int64_t> count_waiting(std::int64_t most) override;
  async::task<std::optional<account>> find_account(token_digest token) override;
  async::task<std::optional<std::vector<uuid>>> use(token_digest token, std::string password_hash, timestamp now,
                                                    user_event event) override;

 private:
  void forget(const uuid& subject) {
    std::erase_if(events, [&](const user_event& each) { return each.user_id == subject; });
  }
  void drop_registrations_like(const registration& confirmed) {
    std::erase_if(registrations, [&](const pending& each) {
      if (each.what.email_key != confirmed.email_key) return false;
      if (each.what.id != confirmed.id) forget(each.what.id);
      return true;
    });
  }
  std::vector<uuid> end_sessions(const uuid& account_id);
  bool is_active(const uuid& account_id) const;
  bool issue(const mailed_token& wanted);
  claim_outcome take(const std::optional<idempotency_claim>& claim);

  const clock_source& clock_;
};

}  // namespace micro_sayur::user_service::test
