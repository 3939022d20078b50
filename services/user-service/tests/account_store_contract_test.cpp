// SPDX-License-Identifier: Apache-2.0
// What the store of accounts has to do, on PostgreSQL, on SQLite and in the memory of tests.
#include "platform/events/outbox.hpp"
#include "user-service/tests/user_stores.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

constexpr sql::statement count_personal_data{
    "count_personal_data",
    "SELECT count(*) FROM accounts WHERE email <> '' OR email_key LIKE '%@%' OR name <> '' OR password_hash <> '' OR phone IS NOT NULL OR "
    "address IS NOT NULL OR lat IS NOT NULL OR lng IS NOT NULL"};
constexpr sql::statement count_events{"count_events", "SELECT count(*) FROM outbox"};
constexpr sql::statement disable_accounts{"disable_accounts", "UPDATE accounts SET status = 'disabled'"};

class AccountStore : public test::user_stores {};

TEST_P(AccountStore, AProfileIsSavedOverItsVersionOnly) {
  with_stores([this](stores& in) -> async::task<> {
    auto changed = co_await account_one(in);
    changed.phone = "+62 812 3456";
    changed.lat = -6.2;
    changed.name = "Siti";
    changed.roles = {"customer", "admin"};
    changed.password_hash = "nobody's";
    EXPECT_TRUE(co_await in.accounts.save_profile(changed, 1, now_ + 1s));
    EXPECT_FALSE(co_await in.accounts.save_profile(changed, 1, now_ + 2s));
    const auto found = co_await in.accounts.find(changed.id);
    EXPECT_EQ(found->version, 2);
    EXPECT_EQ(found->name, "Siti");
    EXPECT_THAT(found->roles, testing::ElementsAre("customer")) << "no part of the profile";
    EXPECT_EQ(found->password_hash, "hash");
    EXPECT_EQ(found->phone, "+62 812 3456");
    EXPECT_EQ(found->lat, -6.2);
    EXPECT_FALSE(found->address);
    EXPECT_EQ(found->updated_at, now_ + 1s);
    EXPECT_TRUE(co_await in.accounts.save_roles(changed.id, 2, {"customer", "admin"}, false, now_ + 3s));
    EXPECT_THAT((co_await in.accounts.find(changed.id))->roles, testing::ElementsAre("customer", "admin"));
    co_await in.accounts.replace_hash(changed.id, "another", "never");
    co_await in.accounts.replace_hash(changed.id, "hash", "renewed");
    EXPECT_EQ((co_await in.accounts.find(changed.id))->password_hash, "renewed");
  });
}

TEST_P(AccountStore, ADeletedAccountLeavesNothingPersonal) {
  with_stores([this](stores& in) -> async::task<> {
    auto owner = co_await account_one(in);
    owner.phone = "+62 812 3456";
    owner.address = "Jalan Pasar 1";
    owner.lat = -6.2;
    owner.lng = 106.8;
    EXPECT_TRUE(co_await in.accounts.save_profile(owner, 1, now_));
    const auto opened = co_await session_one(in, owner, digest(20));
    co_await reset_one(in, owner, digest(30));

    EXPECT_TRUE(co_await in.accounts.erase(owner.id, now_ + 1s, event(user_event_kind::deleted, owner.id)));
    EXPECT_FALSE(co_await in.accounts.erase(owner.id, now_ + 1s, event(user_event_kind::deleted, owner.id)));
    EXPECT_FALSE(co_await in.accounts.find(owner.id));
    EXPECT_FALSE(co_await in.accounts.find_by_email(owner.email_key));
    EXPECT_FALSE(co_await in.sessions.is_live(opened.id, {}));
    EXPECT_FALSE(co_await in.sessions.rotate(digest(20), digest(21)));
    EXPECT_FALSE(co_await in.resets.find_account(digest(30)));
    EXPECT_FALSE(co_await in.accounts.save_profile(owner, 3, now_));
    EXPECT_FALSE(co_await in.accounts.save_roles(owner.id, 3, {"admin"}, false, now_));
    co_await in.expect_count(count_personal_data, 0);

    co_await register_one(in, digest(9));
    const auto anew = co_await in.registrations.confirm(digest(9), now_ + 1s, ids_.next(), {});
    EXPECT_TRUE(anew.has_value());
    EXPECT_NE(anew->id, owner.id);
  });
}

TEST_P(AccountStore, ADeletedAccountLeavesNoEventButItsDeletion) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    co_await reset_one(in, owner, digest(30));
    co_await in.expect_count(count_events, 3);
    EXPECT_TRUE(co_await in.accounts.erase(owner.id, now_ + 1s, event(user_event_kind::deleted, owner.id)));
    co_await in.expect_count(count_events, 1);
    if (in.on == nullptr) co_return;
    const auto without_secrets = events::payload_seal([](std::string_view) { return std::vector<std::string>(); }, random_);
    events::outbox rows(*in.on, without_secrets, std::string(event_source));
    const auto told = co_await rows.claim(10s, 10);
    EXPECT_EQ(told.events.size(), 1U) << "others hear of it also when the secret is lost";
  });
}

TEST_P(AccountStore, ADisabledAccountHasNoLiveSession) {
  with_stores([this](stores& in) -> async::task<> {
    const auto owner = co_await account_one(in);
    const auto opened = co_await session_one(in, owner, digest(20));
    co_await reset_one(in, owner, digest(30));
    if (in.on != nullptr) co_await in.on->execute_one({disable_accounts});
    if (in.memory != nullptr) in.memory->accounts.at(owner.id).status = account_status::disabled;
    EXPECT_FALSE(co_await in.sessions.is_live(opened.id, {}));
    EXPECT_FALSE(co_await in.sessions.rotate(digest(20), digest(21)));
    EXPECT_FALSE(co_await in.resets.find_account(digest(30)));
    EXPECT_FALSE(co_await in.resets.use(digest(30), "hash", now_, event(user_event_kind::password_changed, owner.id)));
  });
}

TEST_P(AccountStore, AnAddressHasOneAccount) {
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

INSTANTIATE_TEST_SUITE_P(Drivers, AccountStore, test::every_store, [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
