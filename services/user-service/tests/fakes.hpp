// SPDX-License-Identifier: Apache-2.0
// The ports in memory, and a hasher that costs nothing: for tests of use cases.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/test_support/manual_clock.hpp"
#include "user-service/app/check_password.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/app/mail_requests.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/login_throttle.hpp"
#include "user-service/ports/mail_allowance.hpp"
#include "user-service/ports/mail_request_store.hpp"
#include "user-service/ports/password_reset_store.hpp"
#include "user-service/ports/registration_store.hpp"
#include "user-service/ports/session_store.hpp"
#include "user-service/ports/session_verdicts.hpp"

#include <boost/asio/co_spawn.hpp>

#include <map>
#include <set>
#include <vector>

namespace micro_sayur::user_service::test {

/// Runs a task to its end on this thread.
template <typename T>
T run(async::task<T> work) {
  boost::asio::io_context context(1);
  std::exception_ptr failure;
  std::optional<T> outcome;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error, T value) {
    failure = error;
    outcome.emplace(std::move(value));
  });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*outcome);
}
inline void run(async::task<> work) {
  const auto counted = [](async::task<> inner) -> async::task<int> {
    co_await std::move(inner);
    co_return 0;
  };
  run(counted(std::move(work)));
}

/// Counts its calls: every token and id differs from the others, and is the same in each run.
class counting_random final : public random_source {
 public:
  void fill(std::span<std::uint8_t> out) override {
    auto rest = ++calls_;
    for (auto byte = out.rbegin(); byte != out.rend(); ++byte) {
      *byte = static_cast<std::uint8_t>(rest);
      rest >>= 8;
    }
  }

 private:
  std::uint64_t calls_ = 0;
};

/// "hash(v2):password"; hashes of "v1" want renewal.
class plain_hasher final : public crypto::password_hasher {
 public:
  async::task<std::string> hash(crypto::password what, std::string client) override {
    if (before_work) co_await before_work();
    ++work;
    clients.push_back(std::move(client));
    co_return "hash(v2):" + what.text();
  }
  async::task<std::string> hash(crypto::password what, crypto::password_salt, std::string client) override {
    return hash(std::move(what), std::move(client));
  }
  async::task<bool> verify(crypto::password what, std::string stored, std::string client) override {
    if (broken) throw async::overloaded("too many");
    if (before_work) co_await before_work();
    ++work;
    clients.push_back(std::move(client));
    co_return stored == "hash(v2):" + what.text() || stored == "hash(v1):" + what.text();
  }
  bool needs_rehash(std::string_view stored) const override { return stored.starts_with("hash(v1)"); }

  bool broken = false;
  int work = 0;                                     ///< hashes that an onlooker could measure
  std::vector<std::string> clients;                 ///< in whose turn each was made
  std::function<async::task<>()> before_work = {};  ///< what others do while a hash is computed
};

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
  async::task<bool> is_live(uuid session_id) override;
  async::task<std::optional<account>> find_owner(uuid session_id) override;
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

class forgotten_verdicts final : public session_verdicts {
 public:
  async::task<bool> is_live(uuid) override { co_return true; }
  async::task<std::optional<account>> find_owner(uuid) override { co_return std::nullopt; }
  async::task<> forget(std::vector<uuid> session_ids) override {
    forgotten.insert(forgotten.end(), session_ids.begin(), session_ids.end());
    co_return;
  }
  std::vector<uuid> forgotten;
};

class open_throttle final : public login_throttle {
 public:
  async::task<std::variant<turn, refused>> begin(login_attempt what) override {
    if (wait) co_return refused{*wait};
    co_return turn{.of = std::move(what), .place = nullptr, .network_places = {}, .owner = {}};
  }
  async::task<std::chrono::seconds> settle(turn which, attempt_result result) override {
    settled.emplace_back(which.of.account, result);
    devices.push_back(which.of.device);
    co_return std::chrono::seconds(0);
  }
  async::task<> clear(std::string account) override {
    cleared.push_back(std::move(account));
    co_return;
  }

  std::optional<std::chrono::seconds> wait;
  std::vector<std::pair<std::string, attempt_result>> settled;
  std::vector<std::string> devices;
  std::vector<std::string> cleared;
};

class kept_security_log final : public security_log {
 public:
  void record(std::string_view event, std::optional<uuid> account_id, const origin&, std::string_view) override {
    events.emplace_back(event);
    accounts.push_back(account_id);
  }

  std::vector<std::string> events;
  std::vector<std::optional<uuid>> accounts;
};

/// Allows `left` mails.
class counted_allowance final : public mail_allowance {
 public:
  async::task<bool> take(mail_cause, std::string email_key, origin) override {
    taken.push_back(std::move(email_key));
    if (left == 0) co_return false;
    --left;
    co_return true;
  }
  async::task<std::optional<std::chrono::seconds>> take_request(std::string) override { co_return wait; }
  async::task<> give_back(mail_cause, std::string, origin) override {
    ++left;
    co_return;
  }
  int left = 1000;
  std::optional<std::chrono::seconds> wait;
  std::vector<std::string> taken;
};

/// The environment of every use case in a test.
struct world {
  manual_clock clock;
  counting_random random;
  id_source ids{clock, random};
  async::offload_pool computing{1, 16};
  std::vector<std::string> keys{"key"};  ///< the newest first
  const environment env{clock,
                        random,
                        ids,
                        computing,
                        "https://sayur.example/users",
                        std::chrono::hours(24),
                        std::chrono::hours(1),
                        [this](std::string_view purpose) {
                          std::vector<std::string> secrets;
                          for (const auto& key : keys) secrets.push_back(key + " for " + std::string(purpose));
                          return secrets;
                        }};
  memory_stores stores{clock};
  plain_hasher hasher;
  forgotten_verdicts verdicts;
  open_throttle throttle;
  counted_allowance allowance;
  kept_security_log security;
  device_tokens devices{env};
  mail_requests requests{env, stores, stores, stores, allowance};
  check_password passwords{env, stores, stores, hasher, throttle, devices, security};

  /// The token in the link of the newest event.
  std::string mailed_token() const { return stores.events.back().link.substr(stores.events.back().link.find("token=") + 6); }

  account make_account(std::string email, std::string password) {
    account made{.id = ids.next(),
                 .email = email,
                 .email_key = email,
                 .name = "Budi",
                 .locale = "id",
                 .password_hash = "hash(v2):" + password,
                 .roles = {"customer"},
                 .created_at = clock.now(),
                 .updated_at = clock.now()};
    stores.accounts.emplace(made.id, made);
    return made;
  }
};

}  // namespace micro_sayur::user_service::test
