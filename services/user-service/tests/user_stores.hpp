// SPDX-License-Identifier: Apache-2.0
// What the contract tests of the stores share: all of them on a database of the test's own or in memory, and one of each to begin with.
#pragma once

#include "platform/base/system.hpp"
#include "platform/sql/tests/contract/contract.hpp"
#include "user-service/adapters/sql/migrations.hpp"
#include "user-service/adapters/sql/sql_account_store.hpp"
#include "user-service/adapters/sql/sql_mail_request_store.hpp"
#include "user-service/adapters/sql/sql_password_reset_store.hpp"
#include "user-service/adapters/sql/sql_registration_store.hpp"
#include "user-service/adapters/sql/sql_session_store.hpp"
#include "user-service/adapters/sql/statements.hpp"
#include "user-service/tests/fakes.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::user_service::test {

using namespace std::chrono_literals;

/// Lets a time pass that no test can wait for: what stands in the tables becomes so much older.
#define EARLIER(column) column " = " column " - "
#define AGE(table, times) "UPDATE " table " SET " times("$1 * interval '1 microsecond'"), "UPDATE " table " SET " times("$1")
#define BEGUN_AND_ENDING(by) EARLIER("created_at") by ", " EARLIER("expires_at") by
#define OF_SESSIONS(by) BEGUN_AND_ENDING(by) ", " EARLIER("late_at") by
#define OF_TOKENS(by) EARLIER("expires_at") by ", " EARLIER("used_at") by
#define ENDING(by) EARLIER("expires_at") by
#define BEGUN(by) EARLIER("created_at") by
inline constexpr std::array age_everything{sql::statement{"age_registrations", AGE("registrations", BEGUN_AND_ENDING)},
                                           sql::statement{"age_sessions", AGE("sessions", OF_SESSIONS)},
                                           sql::statement{"age_refresh_tokens", AGE("refresh_tokens", OF_TOKENS)},
                                           sql::statement{"age_password_resets", AGE("password_resets", ENDING)},
                                           sql::statement{"age_reset_requests", AGE("password_reset_requests", BEGUN)},
                                           sql::statement{"age_idempotency_keys", AGE("idempotency_keys", BEGUN)}};

/// The ports, whatever is behind them.
struct stores {
  registration_store& registrations;
  idempotency_store& answers;
  account_store& accounts;
  session_store& sessions;
  password_reset_store& resets;
  mail_request_store& requests;
  sql::database* on = nullptr;      ///< nullptr: what is behind them is
  memory_stores* memory = nullptr;  ///< this,
  manual_clock* clock = nullptr;    ///< by this clock
  int commits = 0;                  ///< that the relay heard of; of SQL stores

  async::task<> let_pass(std::chrono::microseconds time) {
    if (clock != nullptr) clock->advance(time);
    if (on == nullptr) co_return;
    std::vector<sql::call> calls;
    for (const auto& each : age_everything) calls.emplace_back(each, std::vector<sql::value>{std::int64_t{time.count()}});
    co_await on->execute(std::move(calls));
  }

  /// Of the rows that the statement counts, or of what stands for them in memory.
  async::task<> expect_count(const sql::statement& what, std::int64_t wanted, std::string why = "") {
    std::int64_t counted = 0;
    if (memory != nullptr) {
      counted = memory->count(what.name);
    } else {
      const auto found = co_await on->query({what});
      counted = found[0].get<std::int64_t>(0);
    }
    EXPECT_EQ(counted, wanted) << what.name << " " << why;
  }
};

/// What a contract is instantiated with.
inline const auto every_store = testing::Values("postgres", "sqlite", "memory");

class user_stores : public sql::contract::DatabaseContract {
 protected:
  void SetUp() override {
    if (!is_memory()) DatabaseContract::SetUp();
  }

  bool is_memory() const { return GetParam() == "memory"; }

  void with_stores(std::function<async::task<>(stores&)> body) {
    if (is_memory()) return in_memory(body);
    on_database([this, body](sql::database& on) -> async::task<> {
      co_await sql::migrate(on, "user-service", is_postgres() ? postgres_migrations : sqlite_migrations);
      int* commits = nullptr;
      const auto seal = test_seal();
      const user_event_writer writer(seal, [&commits] { ++*commits; });
      sql_registration_store registrations{on, writer};
      sql_account_store accounts{on, writer};
      sql_session_store sessions{on};
      sql_password_reset_store resets{on, writer};
      sql_mail_request_store requests{on, writer};
      stores all{registrations, registrations, accounts, sessions, resets, requests, &on};
      commits = &all.commits;
      co_await body(all);
    });
  }

  events::payload_seal test_seal() {
    return {[](std::string_view) { return std::vector{std::string(32, 's')}; }, random_};
  }
  token_digest digest(std::uint8_t first) { return {first}; }
  user_event event(user_event_kind kind, uuid user) {
    return {.id = ids_.next(),
            .kind = kind,
            .user_id = user,
            .email = "budi@example.com",
            .name = "Budi",
            .locale = "id",
            .link = "https://x/?token=t",
            .expires_at = now_ + 1h,
            .time = now_,
            .from = {}};
  }
  async::task<registration> register_one(stores& in, token_digest token, std::optional<idempotency_claim> claim = std::nullopt) {
    const registration what{.id = ids_.next(),
                            .email = "Budi@example.com",
                            .email_key = "budi@example.com",
                            .name = "Budi",
                            .locale = "en",
                            .password_hash = "hash"};
    EXPECT_EQ(
        co_await in.registrations.add(what, token, 24h, event(user_event_kind::email_verification_requested, what.id), std::move(claim)),
        claim_outcome::done);
    co_return what;
  }
  async::task<account> account_one(stores& in) {
    co_await register_one(in, digest(1));
    auto made = co_await in.registrations.confirm(digest(1), now_, ids_.next(), {});
    EXPECT_TRUE(made.has_value());
    co_return *made;
  }
  async::task<new_session> session_one(stores& in, const account& of, token_digest token) {
    const new_session made{ids_.next(), of.id, of.credential_version, token};
    EXPECT_TRUE(co_await in.sessions.add(made));
    co_return made;
  }
  /// A request for a new password that was settled with that token.
  async::task<> reset_one(stores& in, const account& of, token_digest token) {
    co_await issue(in, {of.id, token, 1h, event(user_event_kind::password_reset_requested, of.id)});
  }
  /// Settles a request so.
  async::task<> issue(stores& in, mailed_token what) {
    co_await in.requests.add({.id = ids_.next(), .email_key = "budi@example.com", .registration_id = {}, .from = {}});
    const auto decide = [&what](mail_request) -> async::task<std::optional<mailed_token>> { co_return what; };
    const auto settled = co_await in.requests.settle(1, decide);
    EXPECT_EQ(settled.size(), 1U);
  }
  idempotency_claim claim(std::uint8_t body) { return {"/register", "key-1", {body}, {}, 202, "{}"}; }

 private:
  void in_memory(const std::function<async::task<>(stores&)>& body) {
    manual_clock clock;
    memory_stores kept{clock};
    stores all{kept, kept, kept, kept, kept, kept, nullptr, &kept, &clock};
    async::runtime(1).run_until_done([&]() -> async::task<> { co_await body(all); });
  }

 protected:
  system_clock clock_;
  system_random random_;
  id_source ids_{clock_, random_};
  const timestamp now_ = clock_.now();
};

}  // namespace micro_sayur::user_service::test
