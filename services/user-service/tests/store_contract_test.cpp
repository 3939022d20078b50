// SPDX-License-Identifier: Apache-2.0
// What the SQL stores have to do, on PostgreSQL and on SQLite.
#include "platform/base/system.hpp"
#include "platform/sql/tests/contract/contract.hpp"
#include "user-service/adapters/sql/migrations.hpp"
#include "user-service/adapters/sql/sql_account_store.hpp"
#include "user-service/adapters/sql/sql_password_reset_store.hpp"
#include "user-service/adapters/sql/sql_registration_store.hpp"
#include "user-service/adapters/sql/sql_session_store.hpp"
#include "user-service/adapters/sql/statements.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using sql::contract::DatabaseContract;

struct stores {
  explicit stores(sql::database& on_) : on(on_) {}
  sql::database& on;
  int commits = 0;
  const outbox_signal committed = [this] { ++commits; };
  sql_registration_store registrations{on, committed};
  sql_account_store accounts{on, committed};
  sql_session_store sessions{on};
  sql_password_reset_store resets{on, committed};

  async::task<std::int64_t> count(const sql::statement& what) {
    const auto found = co_await on.query({what});
    co_return found[0].get<std::int64_t>(0);
  }
};

constexpr sql::statement count_events{"count_events", "SELECT count(*) FROM outbox"};
constexpr sql::statement count_registrations{"count_registrations", "SELECT count(*) FROM registrations"};
constexpr sql::statement count_personal_data{
    "count_personal_data",
    "SELECT count(*) FROM accounts WHERE email <> '' OR email_key LIKE '%@%' OR name <> '' OR password_hash <> '' OR phone IS NOT NULL OR "
    "address IS NOT NULL OR lat IS NOT NULL OR lng IS NOT NULL"};
constexpr sql::statement disable_accounts{"disable_accounts", "UPDATE accounts SET status = 'disabled'"};
constexpr sql::statement sequences{"sequences", "SELECT sequence FROM outbox ORDER BY sequence"};

class UserStores : public DatabaseContract {
 protected:
  void with_stores(std::function<async::task<>(stores&)> body) {
    on_database([this, body](sql::database& on) -> async::task<> {
      co_await sql::migrate(on, "user-service", is_postgres() ? postgres_migrations : sqlite_migrations);
      stores all(on);
      co_await body(all);
    });
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
                            .password_hash = "hash",
                            .created_at = now_,
                            .expires_at = now_ + 24h};
    EXPECT_EQ(co_await in.registrations.add(what, token, event(user_event_kind::email_verification_requested, what.id), std::move(claim)),
              claim_outcome::done);
    co_return what;
  }
  async::task<account> account_one(stores& in) {
    co_await register_one(in, digest(1));
    auto made = co_await in.registrations.confirm(digest(1), now_, ids_.next(), {});
    EXPECT_TRUE(made.has_value());
    co_return *made;
  }
  async::task<session> session_one(stores& in, const account& of, token_digest token) {
    const session made{.id = ids_.next(), .account_id = of.id, .created_at = now_, .expires_at = now_ + refresh_absolute_lifetime};
    co_await in.sessions.add(made, token, now_ + refresh_idle_lifetime);
    co_return made;
  }
  idempotency_claim claim(std::uint8_t body) { return {"/register", "key-1", {body}, 202, "{}", now_}; }

  system_clock clock_;
  system_random random_;
  id_source ids_{clock_, random_};
  const timestamp now_ = clock_.now();
};

TEST_P(UserStores, ARegistrationBecomesAnAccountOnce) {
  with_stores([this](stores& in) -> async::task<> {
    const auto waiting = co_await register_one(in, digest(1));
    co_await register_one(in, digest(2));
    const auto found_waiting = co_await in.registrations.find_waiting("budi@example.com", "hash", now_);
    EXPECT_TRUE(found_waiting.has_value());
    EXPECT_FALSE(co_await in.registrations.find_waiting("budi@example.com", "other hash", now_));
    EXPECT_FALSE(co_await in.registrations.find_waiting("budi@example.com", "hash", now_ + 24h));
    EXPECT_FALSE(co_await in.registrations.confirm(digest(1), now_ + 24h, ids_.next(), {}));
    const auto made = co_await in.registrations.confirm(digest(1), now_, ids_.next(), {});
    EXPECT_TRUE(made.has_value());
    EXPECT_EQ(made->id, waiting.id);
    EXPECT_EQ(made->locale, "en");
    EXPECT_THAT(made->roles, testing::ElementsAre("customer"));
    EXPECT_FALSE(co_await in.registrations.confirm(digest(1), now_, ids_.next(), {}));
    EXPECT_FALSE(co_await in.registrations.confirm(digest(2), now_, ids_.next(), {}));
    EXPECT_EQ(co_await in.count(count_registrations), 0);
    EXPECT_EQ(co_await in.count(count_events), 3);
    EXPECT_EQ(in.commits, 3);
    const auto found = co_await in.accounts.find_by_email("budi@example.com");
    EXPECT_TRUE(found.has_value());
    EXPECT_EQ(found->email, "Budi@example.com");
    EXPECT_EQ(found->version, 1);
  });
}

TEST_P(UserStores, EventsOfAUserAreNumbered) {
  with_stores([this](stores& in) -> async::task<> {
    const auto waiting = co_await register_one(in, digest(1));
    co_await in.registrations.replace_token(waiting.id, digest(2), now_ + 48h,
                                            event(user_event_kind::email_verification_requested, waiting.id));
    EXPECT_FALSE(co_await in.registrations.confirm(digest(1), now_, ids_.next(), {}));
    EXPECT_TRUE(co_await in.registrations.confirm(digest(2), now_ + 30h, ids_.next(), {}));
    co_await in.registrations.add_attempt(waiting.id, event(user_event_kind::registration_attempted, waiting.id), std::nullopt);
    const auto found = co_await in.on.query({sequences});
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < found.size(); ++i) numbers.push_back(found[i].get<std::int64_t>(0));
    EXPECT_THAT(numbers, testing::ElementsAre(1, 2, 3, 4));
  });
}

TEST_P(UserStores, AKeyIsTakenOnceInTheTransactionOfItsEffect) {
  with_stores([this](stores& in) -> async::task<> {
    co_await register_one(in, digest(1), claim(1));
    auto what = co_await register_one(in, digest(2));
    what.id = ids_.next();
    const auto again =
        co_await in.registrations.add(what, digest(3), event(user_event_kind::email_verification_requested, what.id), claim(1));
    EXPECT_EQ(again, claim_outcome::repeated);
    EXPECT_EQ(co_await in.count(count_registrations), 2);
    const auto record = co_await in.registrations.find("/register", "key-1", now_);
    EXPECT_TRUE(record.has_value());
    EXPECT_EQ(record->fingerprint, claim(1).fingerprint);
    EXPECT_EQ(record->status, 202U);
    EXPECT_FALSE(co_await in.registrations.find("/register", "key-1", now_ + 24h));
    auto later = claim(2);
    later.now = now_ + 25h;
    EXPECT_EQ(co_await in.registrations.add_attempt(what.id, event(user_event_kind::registration_attempted, what.id), later),
              claim_outcome::done);
  });
}

TEST_P(UserStores, WhatIsNotMailedIsKeptWithoutAnEvent) {
  with_stores([this](stores& in) -> async::task<> {
    const auto known = co_await account_one(in);
    const auto events = co_await in.count(count_events);
    EXPECT_EQ(co_await in.registrations.add_attempt(known.id, std::nullopt, claim(1)), claim_outcome::done);
    EXPECT_EQ(co_await in.registrations.add_attempt(known.id, std::nullopt, claim(1)), claim_outcome::repeated);
    registration what{.id = ids_.next(),
                      .email = "siti@example.com",
                      .email_key = "siti@example.com",
                      .name = "Siti",
                      .locale = "en",
                      .password_hash = "hash",
                      .created_at = now_,
                      .expires_at = now_ + 24h};
    EXPECT_EQ(co_await in.registrations.add(what, digest(2), std::nullopt, std::nullopt), claim_outcome::done);
    EXPECT_EQ(co_await in.count(count_events), events);
    EXPECT_TRUE(co_await in.registrations.find_waiting("siti@example.com", "hash", now_));
  });
}

TEST_P(UserStores, AProfileIsSavedOverItsVersionOnly) {
  with_stores([this](stores& in) -> async::task<> {
    auto changed = co_await account_one(in);
    changed.phone = "+62 812 3456";
    changed.lat = -6.2;
    changed.name = "Siti";
    EXPECT_TRUE(co_await in.accounts.save_profile(changed, 1, now_ + 1s));
    EXPECT_FALSE(co_await in.accounts.save_profile(changed, 1, now_ + 2s));
    const auto found = co_await in.accounts.find(changed.id);
    EXPECT_EQ(found->version, 2);
    EXPECT_EQ(found->name, "Siti");
    EXPECT_EQ(found->phone, "+62 812 3456");
    EXPECT_EQ(found->lat, -6.2);
    EXPECT_FALSE(found->address);
    EXPECT_EQ(found->updated_at, now_ + 1s);
    EXPECT_TRUE(co_await in.accounts.save_roles(changed.id, {"customer", "admin"}, now_ + 3s));
    EXPECT_THAT((co_await in.accounts.find(changed.id))->roles, testing::ElementsAre("customer", "admin"));
    co_await in.accounts.replace_hash(changed.id, "another", "never");
    co_await in.accounts.replace_hash(changed.id, "hash", "renewed");
    EXPECT_EQ((co_await in.accounts.find(changed.id))->password_hash, "renewed");
  });
}

TEST_P(UserStores, ADeletedAccountLeavesNothingPersonal) {
  with_stores([this](stores& in) -> async::task<> {
    auto owner = co_await account_one(in);
    owner.phone = "+62 812 3456";
    owner.address = "Jalan Pasar 1";
    owner.lat = -6.2;
    owner.lng = 106.8;
    EXPECT_TRUE(co_await in.accounts.save_profile(owner, 1, now_));
    const auto opened = co_await session_one(in, owner, digest(20));
    co_await in.resets.add(owner.id, digest(30), now_ + 1h, event(user_event_kind::password_reset_requested, owner.id));

    EXPECT_TRUE(co_await in.accounts.erase(owner.id, now_ + 1s, event(user_event_kind::deleted, owner.id)));
    EXPECT_FALSE(co_await in.accounts.erase(owner.id, now_ + 1s, event(user_event_kind::deleted, owner.id)));
    EXPECT_FALSE(co_await in.accounts.find(owner.id));
    EXPECT_FALSE(co_await in.accounts.find_by_email(owner.email_key));
    EXPECT_FALSE(co_await in.sessions.is_live(opened.id, now_ + 1s));
    EXPECT_FALSE(co_await in.sessions.rotate(digest(20), digest(21), now_ + 1s));
    EXPECT_FALSE(co_await in.resets.find_account(digest(30), now_ + 1s));
    EXPECT_FALSE(co_await in.accounts.save_profile(owner, 3, now_));
    EXPECT_FALSE(co_await in.accounts.save_roles(owner.id, {"admin"}, now_));
    EXPECT_EQ(co_await in.count(count_personal_data), 0);

    co_await register_one(in, digest(9));
    const auto anew = co_await in.registrations.confirm(digest(9), now_ + 1s, ids_.next(), {});
    EXPECT_TRUE(anew.has_value());
    EXPECT_NE(anew->id, owner.id);
  });
}

TEST_P(UserStores, ADisabledAccountHasNoLiveSession) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto opened = co_await session_one(in, owner, digest(20));
    co_await in.resets.add(owner.id, digest(30), now_ + 1h, event(user_event_kind::password_reset_requested, owner.id));
    co_await in.on.execute_one({disable_accounts});
    EXPECT_FALSE(co_await in.sessions.is_live(opened.id, now_));
    EXPECT_FALSE(co_await in.sessions.rotate(digest(20), digest(21), now_));
    EXPECT_FALSE(co_await in.resets.find_account(digest(30), now_));
    EXPECT_FALSE(co_await in.resets.use(digest(30), "hash", now_, event(user_event_kind::password_changed, owner.id)));
  });
}

TEST_P(UserStores, AnAddressHasOneAccount) {
  with_stores([this](stores& in) -> async::task<> {
    auto other = co_await account_one(in);
    other.id = ids_.next();
    EXPECT_FALSE(co_await in.accounts.add(other, event(user_event_kind::registered, other.id)));
    other.email_key = "siti@example.com";
    EXPECT_TRUE(co_await in.accounts.add(other, event(user_event_kind::registered, other.id)));
    co_await register_one(in, digest(9));
    EXPECT_FALSE(co_await in.registrations.confirm(digest(9), now_, ids_.next(), {}));
  });
}

TEST_P(UserStores, ARefreshTokenIsUsedOnce) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto made = co_await session_one(in, owner, digest(10));
    const auto rotated = co_await in.sessions.rotate(digest(10), digest(11), now_ + 1h);
    EXPECT_TRUE(rotated.has_value());
    EXPECT_EQ(rotated->of.id, made.id);
    EXPECT_EQ(rotated->owner.id, owner.id);
    EXPECT_EQ(rotated->expires_at, now_ + 1h + refresh_idle_lifetime);
    EXPECT_FALSE(co_await in.sessions.rotate(digest(10), digest(11), now_ + 1h));
    EXPECT_FALSE(co_await in.sessions.rotate(digest(99), digest(98), now_));
    const auto used = co_await in.sessions.find(digest(10));
    EXPECT_EQ(used->used_at, now_ + 1h);
    EXPECT_FALSE(co_await in.sessions.rotate(digest(11), digest(12), now_ + 1h + refresh_idle_lifetime));
    co_await in.sessions.revoke(made.id, now_ + 2h);
    EXPECT_FALSE(co_await in.sessions.rotate(digest(11), digest(12), now_ + 2h));
    EXPECT_TRUE((co_await in.sessions.find(digest(11)))->revoked);
    EXPECT_FALSE(co_await in.sessions.is_live(made.id, now_ + 2h));
    EXPECT_FALSE(co_await in.sessions.find_owner(made.id, now_ + 2h));
  });
}

TEST_P(UserStores, ARefreshEndsWithItsSession) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto made = co_await session_one(in, owner, digest(10));
    const auto late = now_ + 20 * 24h;
    EXPECT_TRUE(co_await in.sessions.rotate(digest(10), digest(11), late));
    EXPECT_TRUE(co_await in.sessions.rotate(digest(11), digest(12), late + 29 * 24h));
    const auto last = co_await in.sessions.rotate(digest(12), digest(13), late + 58 * 24h);
    EXPECT_EQ(last->expires_at, made.expires_at);
    EXPECT_TRUE(co_await in.sessions.is_live(made.id, now_));
    EXPECT_EQ((co_await in.sessions.find_owner(made.id, now_))->id, owner.id);
    EXPECT_FALSE(co_await in.sessions.is_live(made.id, made.expires_at));
    EXPECT_FALSE(co_await in.sessions.find_owner(made.id, made.expires_at));
  });
}

TEST_P(UserStores, AResetWorksOnceAndEndsEverySession) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto first = co_await session_one(in, owner, digest(10));
    const auto second = co_await session_one(in, owner, digest(20));
    co_await in.sessions.revoke(second.id, now_);
    co_await in.resets.add(owner.id, digest(30), now_ + 1h, event(user_event_kind::password_reset_requested, owner.id));
    co_await in.resets.add(owner.id, digest(31), now_ + 1h, event(user_event_kind::password_reset_requested, owner.id));
    EXPECT_FALSE(co_await in.resets.find_account(digest(30), now_ + 1h));
    EXPECT_EQ((co_await in.resets.find_account(digest(30), now_))->id, owner.id);
    const auto ended = co_await in.resets.use(digest(30), "new hash", now_, event(user_event_kind::password_changed, owner.id));
    EXPECT_TRUE(ended.has_value());
    EXPECT_THAT(*ended, testing::ElementsAre(first.id));
    EXPECT_FALSE(co_await in.resets.use(digest(30), "newer", now_, event(user_event_kind::password_changed, owner.id)));
    EXPECT_FALSE(co_await in.resets.use(digest(31), "newer", now_, event(user_event_kind::password_changed, owner.id)));
    EXPECT_EQ((co_await in.accounts.find(owner.id))->password_hash, "new hash");
    EXPECT_FALSE(co_await in.sessions.is_live(first.id, now_));
  });
}

TEST_P(UserStores, ForgetsWhatHasExpired) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await session_one(in, owner, digest(10));
    co_await register_one(in, digest(2), claim(1));
    co_await in.resets.add(owner.id, digest(30), now_ + 1h, event(user_event_kind::password_reset_requested, owner.id));
    const auto later = now_ + 365 * 24h;
    for (const auto* prune : {&statements::prune_registrations, &statements::prune_sessions, &statements::prune_password_resets,
                              &statements::prune_idempotency_keys}) {
      const auto early = co_await in.on.execute_one({*prune, {now_ - 1h, std::int64_t{10}}});
      EXPECT_EQ(early.affected(), 0) << prune->name;
      const auto removed = co_await in.on.execute_one({*prune, {later, std::int64_t{10}}});
      EXPECT_EQ(removed.affected(), 1) << prune->name;
    }
    EXPECT_FALSE(co_await in.sessions.find(digest(10)));
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, UserStores, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
