// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/change_account.hpp"
#include "user-service/app/create_first_admin.hpp"
#include "user-service/app/delete_account.hpp"
#include "user-service/domain/mail_limits.hpp"
#include "user-service/tests/session_fixture.hpp"

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::run;

class Accounts : public test::Sessions {};

TEST_F(Accounts, AResetSetsThePasswordOnceAndEndsEverySession) {
  const auto pair = tokens();
  ask_for_reset("BUDI@example.com");
  ASSERT_EQ(world.stores.events.back().kind, user_event_kind::password_reset_requested);
  const auto token = world.mailed_token();
  EXPECT_TRUE(std::holds_alternative<field_faults>(run(resetting.run(token, crypto::password("password"), {}))));
  const auto outcome = run(resetting.run(token, crypto::password("bayam-segar-tiap-pagi"), {}));
  const auto* done = std::get_if<reset_password::done>(&outcome);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->email, "budi@example.com");
  EXPECT_EQ(world.stores.events.back().kind, user_event_kind::password_changed);
  EXPECT_TRUE(
      std::holds_alternative<reset_password::invalid_token>(run(resetting.run(token, crypto::password("kangkung-segar-tiap-sore"), {}))));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(refresh(pair.refresh_token)));
  EXPECT_TRUE(std::holds_alternative<token_pair>(log_in_with("bayam-segar-tiap-pagi")));
  run(logging_in.run(typed("wrong", "budi@example.com", pair.device_token)));
  EXPECT_EQ(world.throttle.devices.back(), "") << "who knew the old password knows no more than a stranger";
  run(logging_in.run(typed("wrong", "budi@example.com", done->device_token)));
  EXPECT_NE(world.throttle.devices.back(), "");
  EXPECT_THAT(world.throttle.cleared, testing::ElementsAre("budi@example.com"));
  EXPECT_THAT(world.security.events, testing::Contains(security_events::password_change));
}

TEST_F(Accounts, AResetIsAskedForAlikeWhoeverHasTheAddress) {
  EXPECT_FALSE(run(requesting.run("budi@example.com", {})));
  EXPECT_FALSE(run(requesting.run("nobody@example.com", {})));
  EXPECT_FALSE(run(requesting.run("no address", {})));
  EXPECT_EQ(world.stores.requests.size(), 2U) << "text that is no address is not kept";
  EXPECT_TRUE(world.stores.events.empty());
  EXPECT_TRUE(world.allowance.taken.empty());
  EXPECT_FALSE(run(world.requests.settle_some()));
  EXPECT_EQ(world.stores.events.size(), 1U);
}

TEST_F(Accounts, ARequestWhoseTransactionIsRunAgainCountsOnce) {
  world.allowance.left = 1;
  world.stores.lost_settlements = 2;
  ask_for_reset("budi@example.com");
  EXPECT_EQ(world.allowance.taken.size(), 1U);
  EXPECT_EQ(world.stores.resets.size(), 1U);
  EXPECT_TRUE(world.stores.resets.contains(digest_of(world.mailed_token())));
}

TEST_F(Accounts, ARequestThatIsTriedAgainLaterCountsOnce) {
  world.allowance.left = 1;
  world.stores.settling_fails = true;
  run(requesting.run("budi@example.com", {}));
  for (int i = 0; i < 3; ++i) EXPECT_THROW(run(world.requests.settle_some()), std::runtime_error);
  EXPECT_TRUE(world.stores.events.empty());
  world.stores.settling_fails = false;
  EXPECT_FALSE(run(world.requests.settle_some()));
  EXPECT_EQ(world.allowance.left, 0);
  EXPECT_EQ(world.allowance.taken.size(), 1U);
  EXPECT_EQ(world.stores.events.size(), 1U);
}

TEST_F(Accounts, AMailThatWentOutThoughTheCommitGotNoAnswerCounts) {
  world.allowance.left = 1;
  world.stores.settling_fails = world.stores.settled_all_the_same = true;
  run(requesting.run("budi@example.com", {}));
  EXPECT_THROW(run(world.requests.settle_some()), std::runtime_error);
  EXPECT_EQ(world.stores.events.size(), 1U);
  world.stores.settling_fails = false;
  run(world.requests.settle_some());
  EXPECT_EQ(world.allowance.left, 0);
}

TEST_F(Accounts, AClientThatAskedTooOftenHasToWaitAndNothingIsKept) {
  world.allowance.wait = 7s;
  EXPECT_EQ(run(requesting.run("budi@example.com", {})), 7s);
  EXPECT_EQ(run(requesting.run("nobody@example.com", {})), 7s);
  EXPECT_EQ(run(requesting.run("no address", {})), 7s);
  EXPECT_TRUE(world.stores.requests.empty());
}

TEST_F(Accounts, WhenTooManyRequestsWaitNoMoreAreTaken) {
  world.stores.settling_fails = true;
  while (std::ssize(world.stores.requests) < most_waiting_requests) run(requesting.run("nobody@example.com", {}));
  EXPECT_THROW(run(world.requests.settle_some()), std::runtime_error);
  EXPECT_THROW(run(requesting.run("budi@example.com", {})), async::overloaded);
  world.stores.settling_fails = false;
  while (run(world.requests.settle_some())) continue;
  EXPECT_FALSE(run(requesting.run("budi@example.com", {})));
}

TEST_F(Accounts, AResetOfAnUnknownAddressDoesNothing) {
  ask_for_reset("nobody@example.com");
  ask_for_reset("no address");
  EXPECT_TRUE(world.stores.events.empty());
}

TEST_F(Accounts, AResetTokenExpires) {
  ask_for_reset("budi@example.com");
  world.clock.advance(1h);
  EXPECT_TRUE(std::holds_alternative<reset_password::invalid_token>(
      run(resetting.run(world.mailed_token(), crypto::password("bayam-segar-tiap-pagi"), {}))));
}

TEST_F(Accounts, TheFirstAdministratorIsMadeOnceAndNeverChanged) {
  create_first_admin creating(world.env, world.stores, world.hasher);
  EXPECT_TRUE(run(creating.run("Admin@example.com", crypto::password("kangkung-pagi-segar-11"))));
  EXPECT_FALSE(run(creating.run("admin@example.com", crypto::password("kangkung-pagi-segar-12"))));
  const auto admin = run(world.stores.find_by_email("admin@example.com"));
  EXPECT_EQ(admin->password_hash, "hash(v2):kangkung-pagi-segar-11");
  EXPECT_THAT(admin->roles, testing::ElementsAre("customer", "admin"));
  EXPECT_FALSE(run(creating.run("budi@example.com", crypto::password("right"))));
  EXPECT_THROW(run(creating.run("other@example.com", crypto::password("password1"))), std::invalid_argument);
}

TEST_F(Accounts, AnAccountIsDeletedOnce) {
  delete_account deleting(world.clock, world.ids, world.stores);
  const auto id = run(world.stores.find_by_email("budi@example.com"))->id;
  EXPECT_FALSE(run(deleting.run("no address", {})));
  EXPECT_FALSE(run(deleting.run("nobody@example.com", {})));
  EXPECT_TRUE(run(deleting.run("BUDI@example.com", {})));
  EXPECT_FALSE(run(deleting.run("budi@example.com", {})));
  ASSERT_EQ(world.stores.events.size(), 1U);
  EXPECT_EQ(world.stores.events[0].kind, user_event_kind::deleted);
  EXPECT_EQ(world.stores.events[0].user_id, id);
  EXPECT_EQ(world.stores.events[0].email, "");
}

TEST_F(Accounts, ARoleIsGrantedAndTakenAwayOnce) {
  change_role changing(world.clock, world.stores);
  using outcome = change_role::outcome;
  EXPECT_EQ(run(changing.grant("BUDI@example.com", "admin")), outcome::changed);
  EXPECT_EQ(run(changing.grant("budi@example.com", "admin")), outcome::was_so);
  EXPECT_EQ(run(changing.grant("budi@example.com", "king")), outcome::unknown_role);
  EXPECT_EQ(run(changing.grant("nobody@example.com", "admin")), outcome::no_account);
  EXPECT_EQ(run(changing.take_away("budi@example.com", "admin")), outcome::changed);
  EXPECT_EQ(run(changing.take_away("budi@example.com", "admin")), outcome::was_so);
  EXPECT_THAT(world.stores.accounts.begin()->second.roles, testing::ElementsAre("customer"));
}

TEST_F(Accounts, ADisabledAccountIsEnabledAgain) {
  change_status changing(world.clock, world.stores);
  using outcome = change_status::outcome;
  const auto pair = tokens();
  EXPECT_EQ(run(changing.run("BUDI@example.com", account_status::disabled)), outcome::changed);
  EXPECT_EQ(run(changing.run("budi@example.com", account_status::disabled)), outcome::was_so);
  EXPECT_TRUE(std::holds_alternative<log_in::disabled>(log_in_with("right")));
  EXPECT_EQ(run(changing.run("budi@example.com", account_status::active)), outcome::changed);
  EXPECT_TRUE(std::holds_alternative<token_pair>(log_in_with("right")));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(refresh(pair.refresh_token)));
  EXPECT_EQ(run(changing.run("nobody@example.com", account_status::active)), outcome::no_account);
}

}  // namespace
}  // namespace micro_sayur::user_service
