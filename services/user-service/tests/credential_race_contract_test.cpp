// SPDX-License-Identifier: Apache-2.0
// A login looks at a password, which takes a while, and then opens a session: what changed the credential meanwhile must win, in either
// order, on PostgreSQL, on SQLite and in the memory of tests.
#include "platform/async/task_group.hpp"
#include "user-service/tests/user_stores.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

constexpr sql::statement count_live_sessions{"count_live_sessions", "SELECT count(*) FROM sessions WHERE revoked_at IS NULL"};

class CredentialRace : public test::user_stores {
 protected:
  using change = std::function<async::task<>(stores& in, const account& of)>;

  std::vector<std::pair<std::string, change>> changes() {
    return {{"reset",
             [this](stores& in, const account& of) -> async::task<> {
               co_await reset_one(in, of, digest(30));
               const auto ended = co_await in.resets.use(digest(30), "new hash", now_, event(user_event_kind::password_changed, of.id));
               EXPECT_TRUE(ended.has_value());
             }},
            {"disabling",
             [this](stores& in, const account& of) -> async::task<> {
               EXPECT_TRUE(co_await in.accounts.set_status(of.id, account_status::disabled, now_));
             }},
            {"a role taken away",
             [this](stores& in, const account& of) -> async::task<> {
               EXPECT_TRUE(co_await in.accounts.save_roles(of.id, of.version, {"customer"}, true, now_));
             }},
            {"deletion", [this](stores& in, const account& of) -> async::task<> {
               EXPECT_TRUE(co_await in.accounts.erase(of.id, now_, event(user_event_kind::deleted, of.id)));
             }}};
  }

  async::task<bool> log_in(stores& in, const account& as_read, token_digest token) {
    co_return co_await in.sessions.add({ids_.next(), as_read.id, as_read.credential_version, token});
  }
};

TEST_P(CredentialRace, ASessionFromBeforeEnds) {
  for (const auto& [name, change] : changes()) {
    SetUp();
    with_stores([this, &name, &change](stores& in) -> async::task<> {
      const auto as_read = co_await account_one(in);
      EXPECT_TRUE(co_await log_in(in, as_read, digest(10))) << name;
      co_await change(in, as_read);
      co_await in.expect_count(count_live_sessions, 0, name);
    });
  }
}

TEST_P(CredentialRace, ASessionFromAfterIsNotOpened) {
  for (const auto& [name, change] : changes()) {
    SetUp();
    with_stores([this, &name, &change](stores& in) -> async::task<> {
      const auto as_read = co_await account_one(in);
      co_await change(in, as_read);
      EXPECT_FALSE(co_await log_in(in, as_read, digest(10))) << name;
      EXPECT_FALSE(co_await in.sessions.find(digest(10))) << name;
    });
  }
}

TEST_P(CredentialRace, NoSessionSurvivesAChangeAtTheSameTime) {
  for (const auto& [name, change] : changes())
    for (int round = 0; round < 5; ++round) {
      SetUp();
      with_stores([this, &name, &change](stores& in) -> async::task<> {
        const auto as_read = co_await account_one(in);
        async::task_group both(co_await boost::asio::this_coro::executor);
        for (std::uint8_t i = 0; i < 16; ++i) {
          both.spawn("login", [this, &in, &as_read, i]() -> async::task<> { co_await log_in(in, as_read, digest(100 + i)); });
          if (i == 7) both.spawn("change", [&change, &in, &as_read] { return change(in, as_read); });
        }
        co_await both.join();
        co_await in.expect_count(count_live_sessions, 0, name);
      });
    }
}

TEST_P(CredentialRace, ARehashEndsNothing) {
  with_stores([this](stores& in) -> async::task<> {
    const auto as_read = co_await account_one(in);
    EXPECT_TRUE(co_await log_in(in, as_read, digest(10)));
    co_await in.accounts.replace_hash(as_read.id, as_read.password_hash, "renewed");
    EXPECT_TRUE(co_await log_in(in, as_read, digest(11)));
    co_await in.expect_count(count_live_sessions, 2);
  });
}

TEST_P(CredentialRace, RolesAreNotLostToEachOther) {
  with_stores([this](stores& in) -> async::task<> {
    const auto as_read = co_await account_one(in);
    EXPECT_TRUE(co_await in.accounts.save_roles(as_read.id, as_read.version, {"customer", "admin"}, false, now_));
    EXPECT_FALSE(co_await in.accounts.save_roles(as_read.id, as_read.version, {"customer", "courier"}, false, now_));
    auto renamed = as_read;
    renamed.name = "Siti";
    EXPECT_FALSE(co_await in.accounts.save_profile(renamed, as_read.version, now_)) << "nor to a change of the profile";
    EXPECT_THAT((co_await in.accounts.find(as_read.id))->roles, testing::ElementsAre("customer", "admin"));
  });
}

TEST_P(CredentialRace, OfTwoConfirmationsOneMakesTheAccount) {
  with_stores([this](stores& in) -> async::task<> {
    co_await register_one(in, digest(1));
    co_await register_one(in, digest(2));
    EXPECT_EQ((co_await in.registrations.find_by_token(digest(1)))->email_key, "budi@example.com");
    EXPECT_FALSE(co_await in.registrations.find_by_token(digest(9)));
    int made = 0;
    async::task_group both(co_await boost::asio::this_coro::executor);
    for (std::uint8_t i = 1; i <= 2; ++i)
      both.spawn("confirm", [this, &in, &made, i]() -> async::task<> {
        const auto account = co_await in.registrations.confirm(digest(i), now_, ids_.next(), {});
        if (account) ++made;
      });
    co_await both.join();
    EXPECT_EQ(made, 1);
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, CredentialRace, test::every_store, [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
