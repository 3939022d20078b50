// SPDX-License-Identifier: Apache-2.0
// The ports in memory, and a hasher that costs nothing: for tests of use cases.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/test_support/manual_clock.hpp"
#include "user-service/app/check_password.hpp"
#include "user-service/app/environment.hpp"
#include "user-service/app/mail_requests.hpp"
#include "user-service/ports/login_throttle.hpp"
#include "user-service/ports/mail_allowance.hpp"
#include "user-service/ports/session_verdicts.hpp"
#include "user-service/tests/memory_stores.hpp"

#include <boost/asio/co_spawn.hpp>

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
