// SPDX-License-Identifier: Apache-2.0
// What the stores of sessions and password resets have to do, and what retention removes, on PostgreSQL, on SQLite and in the memory of
// tests.
#include "user-service/tests/user_stores.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

class SessionStores : public test::user_stores {};

TEST_P(SessionStores, ARefreshTokenIsUsedOnce) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto made = co_await session_one(in, owner, digest(10));
    const auto rotated = co_await in.sessions.rotate(digest(10), digest(11));
    EXPECT_TRUE(rotated.has_value());
    EXPECT_EQ(rotated->of.id, made.id);
    EXPECT_EQ(rotated->owner.id, owner.id);
    EXPECT_EQ(rotated->expires_at - rotated->as_of, refresh_idle_lifetime);
    EXPECT_FALSE(co_await in.sessions.rotate(digest(10), digest(11)));
    EXPECT_FALSE(co_await in.sessions.rotate(digest(99), digest(98)));
    const auto used = co_await in.sessions.find(digest(10));
    EXPECT_EQ(used->used_at, rotated->as_of);
    EXPECT_GE(used->as_of, rotated->as_of);
    co_await in.sessions.revoke(made.id);
    EXPECT_FALSE(co_await in.sessions.rotate(digest(11), digest(12)));
    EXPECT_TRUE((co_await in.sessions.find(digest(11)))->revoked);
    EXPECT_FALSE(co_await in.sessions.is_live(made.id, {}));
    EXPECT_FALSE(co_await in.sessions.find_owner(made.id, {}));
  });
}

TEST_P(SessionStores, ARefreshTokenThatNobodyUsesExpires) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await session_one(in, owner, digest(10));
    co_await in.let_pass(refresh_idle_lifetime - 1min);
    EXPECT_TRUE(co_await in.sessions.rotate(digest(10), digest(11)));
    co_await in.let_pass(refresh_idle_lifetime);
    EXPECT_FALSE(co_await in.sessions.rotate(digest(11), digest(12)));
  });
}

TEST_P(SessionStores, ARefreshEndsWithItsSession) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto made = co_await session_one(in, owner, digest(10));
    co_await in.let_pass(20 * 24h);
    EXPECT_TRUE(co_await in.sessions.rotate(digest(10), digest(11)));
    co_await in.let_pass(29 * 24h);
    EXPECT_TRUE(co_await in.sessions.rotate(digest(11), digest(12)));
    co_await in.let_pass(29 * 24h);
    const auto last = co_await in.sessions.rotate(digest(12), digest(13));
    EXPECT_EQ(last->expires_at, last->of.expires_at);
    EXPECT_TRUE(co_await in.sessions.is_live(made.id, {}));
    EXPECT_EQ((co_await in.sessions.find_owner(made.id, {}))->id, owner.id);
    co_await in.let_pass(refresh_absolute_lifetime - 78 * 24h);
    EXPECT_FALSE(co_await in.sessions.is_live(made.id, {}));
    EXPECT_FALSE(co_await in.sessions.find_owner(made.id, {}));
  });
}

TEST_P(SessionStores, AResetWorksOnceAndEndsEverySession) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto first = co_await session_one(in, owner, digest(10));
    const auto second = co_await session_one(in, owner, digest(20));
    co_await in.sessions.revoke(second.id);
    co_await reset_one(in, owner, digest(30));
    co_await reset_one(in, owner, digest(31));
    EXPECT_EQ((co_await in.resets.find_account(digest(30)))->id, owner.id);
    const auto ended = co_await in.resets.use(digest(30), "new hash", now_, event(user_event_kind::password_changed, owner.id));
    EXPECT_TRUE(ended.has_value());
    EXPECT_THAT(*ended, testing::ElementsAre(first.id));
    EXPECT_FALSE(co_await in.resets.use(digest(30), "newer", now_, event(user_event_kind::password_changed, owner.id)));
    EXPECT_FALSE(co_await in.resets.use(digest(31), "newer", now_, event(user_event_kind::password_changed, owner.id)));
    EXPECT_EQ((co_await in.accounts.find(owner.id))->password_hash, "new hash");
    EXPECT_FALSE(co_await in.sessions.is_live(first.id, {}));
  });
}

TEST_P(SessionStores, AResetTokenExpires) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await reset_one(in, owner, digest(30));
    co_await in.let_pass(1h - 1min);
    EXPECT_TRUE(co_await in.resets.find_account(digest(30)));
    co_await in.let_pass(1min);
    EXPECT_FALSE(co_await in.resets.find_account(digest(30)));
    EXPECT_FALSE(co_await in.resets.use(digest(30), "new hash", now_, event(user_event_kind::password_changed, owner.id)));
  });
}

TEST_P(SessionStores, ForgetsWhatHasExpired) {
  if (is_memory()) GTEST_SKIP() << "nothing is pruned from memory";
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await session_one(in, owner, digest(10));
    co_await register_one(in, digest(2), claim(1));
    co_await reset_one(in, owner, digest(30));
    const auto later = now_ + 365 * 24h;
    for (const auto* prune : {&statements::prune_registrations, &statements::prune_sessions, &statements::prune_password_resets,
                              &statements::prune_idempotency_keys}) {
      const auto early = co_await in.on->execute_one({*prune, {now_ - 1h, std::int64_t{10}}});
      EXPECT_EQ(early.affected(), 0) << prune->name;
      const auto removed = co_await in.on->execute_one({*prune, {later, std::int64_t{10}}});
      EXPECT_EQ(removed.affected(), 1) << prune->name;
    }
    EXPECT_FALSE(co_await in.sessions.find(digest(10)));
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, SessionStores, test::every_store, [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
