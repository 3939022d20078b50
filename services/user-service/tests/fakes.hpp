// SPDX-License-Identifier: Apache-2.0
// The ports in memory, and a hasher that costs nothing: for tests of use cases.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/test_support/manual_clock.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/ports/account_store.hpp"
#include "user-service/ports/login_throttle.hpp"
#include "user-service/ports/mail_allowance.hpp"
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

/// Counts upwards: every token differs from the others, and is the same in each run.
class counting_random final : public random_source {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

/// "hash(v2):password"; hashes of "v1" want renewal.
class plain_hasher final : public crypto::password_hasher {
 public:
  async::task<std::string> hash(std::string password) override {
    ++work;
    co_return "hash(v2):" + password;
  }
  async::task<std::string> hash(std::string password, crypto::password_salt) override { return hash(std::move(password)); }
  async::task<bool> verify(std::string password, std::string stored) override {
    if (broken) throw async::overloaded("too many");
    ++work;
    co_return stored == "hash(v2):" + password || stored == "hash(v1):" + password;
  }
  async::task<> verify_dummy(std::string) override {
    ++work;
    co_return;
  }
  bool needs_rehash(std::string_view stored) const override { return stored.starts_with("hash(v1)"); }

  bool broken = false;
  int work = 0;  ///< hashes that an onlooker could measure
};

/// What the SQL stores keep, in maps. The contract test of the SQL stores tells what each call has to do.
class memory_stores final : public account_store,
                            public registration_store,
                            public idempotency_store,
                            public session_store,
                            public password_reset_store {
 public:
  struct pending {
    registration what;
    token_digest token;
  };
  struct refresh {
    session of;
    timestamp expires_at;
    std::optional<timestamp> used_at;
  };
  struct reset {
    uuid account_id;
    timestamp expires_at;
  };

  std::map<uuid, account> accounts;
  std::vector<pending> registrations;
  std::map<std::pair<std::string, std::string>, idempotency_record> answers;
  std::set<std::pair<std::string, std::string>> running;
  std::map<token_digest, refresh> tokens;
  std::set<uuid> revoked;
  std::map<token_digest, reset> resets;
  std::vector<user_event> events;

  using account_store::find;

  async::task<std::optional<account>> find(uuid id) override;
  async::task<std::optional<account>> find_by_email(std::string email_key) override;
  async::task<bool> save_profile(account changed, std::int64_t expected, timestamp now) override;
  async::task<> replace_hash(uuid id, std::string old_hash, std::string new_hash) override;
  async::task<bool> add(account what, user_event registered) override;
  async::task<bool> erase(uuid id, timestamp now, user_event deleted) override;
  async::task<bool> save_roles(uuid id, std::vector<std::string> roles, timestamp now) override;

  async::task<claim_outcome> add(registration what, token_digest token, std::optional<user_event> event,
                                 std::optional<idempotency_claim> claim) override;
  async::task<claim_outcome> add_attempt(uuid account_id, std::optional<user_event> event, std::optional<idempotency_claim> claim) override;
  async::task<std::optional<account>> confirm(token_digest token, timestamp now, uuid event_id, origin from) override;
  async::task<std::optional<registration>> find_waiting(std::string email_key, std::string password_hash, timestamp now) override;
  async::task<> replace_token(uuid registration_id, token_digest token, timestamp expires_at, user_event event) override;
  async::task<std::optional<idempotency_record>> find(std::string route, std::string key, timestamp now) override;

  async::task<> add(session what, token_digest refresh_token, timestamp refresh_expires_at) override;
  async::task<std::optional<refresh_state>> rotate(token_digest presented, token_digest successor, timestamp now) override;
  async::task<std::optional<refresh_state>> find(token_digest refresh_token) override;
  async::task<bool> is_live(uuid session_id, timestamp now) override;
  async::task<std::optional<account>> find_owner(uuid session_id, timestamp now) override;
  async::task<> revoke(uuid session_id, timestamp now) override;

  async::task<> add(uuid account_id, token_digest token, timestamp expires_at, user_event event) override;
  async::task<std::optional<account>> find_account(token_digest token, timestamp now) override;
  async::task<std::optional<std::vector<uuid>>> use(token_digest token, std::string password_hash, timestamp now,
                                                    user_event event) override;

 private:
  claim_outcome take(const std::optional<idempotency_claim>& claim);
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
  async::task<std::optional<std::chrono::seconds>> begin(std::string, std::string) override { co_return wait; }
  async::task<> failed(std::string account, std::string client_address) override {
    failures.emplace_back(std::move(account), std::move(client_address));
    co_return;
  }
  async::task<> succeeded(std::string account, std::string) override {
    successes.push_back(std::move(account));
    co_return;
  }
  async::task<> abandoned(std::string account, std::string) override {
    abandonments.push_back(std::move(account));
    co_return;
  }
  std::optional<std::chrono::seconds> wait;
  std::vector<std::pair<std::string, std::string>> failures;
  std::vector<std::string> successes;
  std::vector<std::string> abandonments;
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
  async::task<> give_back(mail_cause, std::string, origin) override {
    ++left;
    co_return;
  }
  int left = 1000;
  std::vector<std::string> taken;
};

/// The environment of every use case in a test.
struct world {
  manual_clock clock;
  counting_random random;
  id_source ids{clock, random};
  async::offload_pool computing{1, 16};
  const environment env{clock,     random, ids, computing, "https://sayur.example/users", std::chrono::hours(24), std::chrono::hours(1),
                        "salt key"};
  memory_stores stores;
  plain_hasher hasher;
  forgotten_verdicts verdicts;
  open_throttle throttle;
  counted_allowance allowance;

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
