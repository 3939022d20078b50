// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/jwt.hpp"
#include "platform/crypto/signing_keys.hpp"
#include "user-service/app/create_first_admin.hpp"
#include "user-service/app/delete_account.hpp"
#include "user-service/app/grant_role.hpp"
#include "user-service/app/log_in.hpp"
#include "user-service/app/log_out.hpp"
#include "user-service/app/request_password_reset.hpp"
#include "user-service/app/reset_password.hpp"
#include "user-service/app/rotate_refresh_token.hpp"
#include "user-service/tests/fakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::run;

class Sessions : public testing::Test {
 protected:
  Sessions() { world.make_account("budi@example.com", "right"); }
  ~Sessions() override { std::filesystem::remove_all(folder); }

  static std::filesystem::path make_folder(test::world& in) {
    std::string name = std::filesystem::temp_directory_path() / "micro-sayur-keys-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    crypto::generate_key(name, in.ids);
    return name;
  }
  log_in::outcome log_in_with(const std::string& password, const std::string& email = "budi@example.com") {
    return run(logging_in.run(email, password, "192.0.2.1"));
  }
  void ask_for_reset(const std::string& email) {
    if (auto known = run(forgetting.find(email))) run(forgetting.mail(std::move(*known), {}));
  }
  token_pair tokens() { return std::get<token_pair>(log_in_with("right")); }

  test::world world;
  const std::filesystem::path folder = make_folder(world);
  const crypto::signing_keys keys{folder, world.clock, [](std::string_view) {}};
  const token_issuer issuer{world.env, keys, {.issuer = "issuer", .audience = "audience"}};
  check_password passwords{world.env, world.stores, world.stores, world.hasher};
  log_in logging_in{world.env, passwords, world.throttle, world.stores, issuer};
  log_out logging_out{world.env, world.stores, world.verdicts};
  rotate_refresh_token refreshing{world.env, world.stores, world.verdicts, issuer, "server key"};
  request_password_reset forgetting{world.env, world.stores, world.stores, world.allowance};
  reset_password resetting{world.env, world.stores, world.verdicts, world.hasher};
};

TEST_F(Sessions, ALoginYieldsATokenForTheAccount) {
  const auto pair = tokens();
  const auto claims = crypto::access_token_verifier("issuer", "audience", world.clock).verify(pair.access_token, keys.current()->all);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, pair.owner.id);
  EXPECT_THAT(claims->roles, testing::ElementsAre("customer"));
  EXPECT_EQ(pair.access_lifetime, 10min);
  EXPECT_EQ(pair.refresh_lifetime, refresh_idle_lifetime);
  EXPECT_THAT(world.throttle.successes, testing::ElementsAre("budi@example.com"));
}

TEST_F(Sessions, AFailureIsCountedForKnownAndUnknownAccountsAlike) {
  const auto before = world.hasher.work;
  EXPECT_TRUE(std::holds_alternative<log_in::wrong_credentials>(log_in_with("wrong")));
  const auto known = world.hasher.work - before;
  EXPECT_TRUE(std::holds_alternative<log_in::wrong_credentials>(log_in_with("wrong", "Nobody@example.com")));
  EXPECT_EQ(world.hasher.work - before - known, known);
  EXPECT_THAT(world.throttle.failures,
              testing::ElementsAre(testing::Pair("budi@example.com", "192.0.2.1"), testing::Pair("nobody@example.com", "192.0.2.1")));
}

TEST_F(Sessions, AThrottledAttemptIsNotLookedAt) {
  world.throttle.wait = 4s;
  const auto before = world.hasher.work;
  const auto outcome = log_in_with("right");
  ASSERT_TRUE(std::holds_alternative<log_in::throttled>(outcome));
  EXPECT_EQ(std::get<log_in::throttled>(outcome).wait, 4s);
  EXPECT_EQ(world.hasher.work, before);
}

TEST_F(Sessions, AnAttemptThatBreaksIsNoFailure) {
  world.hasher.broken = true;
  EXPECT_THROW(log_in_with("right"), async::overloaded);
  EXPECT_THAT(world.throttle.abandonments, testing::ElementsAre("budi@example.com"));
  EXPECT_TRUE(world.throttle.failures.empty());
}

TEST_F(Sessions, ADisabledAccountIsToldOnlyWithTheRightPassword) {
  world.stores.accounts.begin()->second.status = account_status::disabled;
  EXPECT_TRUE(std::holds_alternative<log_in::disabled>(log_in_with("right")));
  EXPECT_TRUE(std::holds_alternative<log_in::wrong_credentials>(log_in_with("wrong")));
}

TEST_F(Sessions, AnOldHashIsRenewed) {
  world.stores.accounts.begin()->second.password_hash = "hash(v1):right";
  tokens();
  EXPECT_EQ(world.stores.accounts.begin()->second.password_hash, "hash(v2):right");
}

TEST_F(Sessions, ARefreshRotates) {
  const auto first = tokens();
  const auto second = std::get<token_pair>(run(refreshing.run(first.refresh_token)));
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_TRUE(std::holds_alternative<token_pair>(run(refreshing.run(second.refresh_token))));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(run(refreshing.run("unknown"))));
}

TEST_F(Sessions, ALostAnswerGetsTheSameSuccessorForTenSeconds) {
  const auto first = tokens();
  const auto second = std::get<token_pair>(run(refreshing.run(first.refresh_token)));
  world.clock.advance(10s);
  const auto again = std::get<token_pair>(run(refreshing.run(first.refresh_token)));
  EXPECT_EQ(again.refresh_token, second.refresh_token);
  world.clock.advance(1us);
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::reused>(run(refreshing.run(first.refresh_token))));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(run(refreshing.run(second.refresh_token))));
  EXPECT_EQ(world.verdicts.forgotten.size(), 1U);
}

TEST_F(Sessions, ARefreshTokenEndsWhenIdle) {
  const auto first = tokens();
  world.clock.advance(refresh_idle_lifetime);
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(run(refreshing.run(first.refresh_token))));
}

TEST_F(Sessions, ALogoutEndsTheSession) {
  const auto pair = tokens();
  const auto id = world.stores.tokens.begin()->second.of.id;
  run(logging_out.run(id));
  EXPECT_THAT(world.verdicts.forgotten, testing::ElementsAre(id));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(run(refreshing.run(pair.refresh_token))));
}

TEST_F(Sessions, AResetSetsThePasswordOnceAndEndsEverySession) {
  const auto pair = tokens();
  ask_for_reset("BUDI@example.com");
  ASSERT_EQ(world.stores.events.back().kind, user_event_kind::password_reset_requested);
  const auto token = world.mailed_token();
  EXPECT_TRUE(std::holds_alternative<field_faults>(run(resetting.run(token, "password", {}))));
  EXPECT_TRUE(std::holds_alternative<reset_password::done>(run(resetting.run(token, "bayam-segar-tiap-pagi", {}))));
  EXPECT_EQ(world.stores.events.back().kind, user_event_kind::password_changed);
  EXPECT_TRUE(std::holds_alternative<reset_password::invalid_token>(run(resetting.run(token, "kangkung-segar-tiap-sore", {}))));
  EXPECT_TRUE(std::holds_alternative<rotate_refresh_token::invalid>(run(refreshing.run(pair.refresh_token))));
  EXPECT_TRUE(std::holds_alternative<token_pair>(log_in_with("bayam-segar-tiap-pagi")));
}

TEST_F(Sessions, AResetOfAnUnknownAddressDoesNothing) {
  ask_for_reset("nobody@example.com");
  ask_for_reset("no address");
  EXPECT_TRUE(world.stores.events.empty());
}

TEST_F(Sessions, AResetTokenExpires) {
  ask_for_reset("budi@example.com");
  world.clock.advance(1h);
  EXPECT_TRUE(std::holds_alternative<reset_password::invalid_token>(run(resetting.run(world.mailed_token(), "bayam-segar-tiap-pagi", {}))));
}

TEST_F(Sessions, TheFirstAdministratorIsMadeOnceAndNeverChanged) {
  create_first_admin creating(world.env, world.stores, world.hasher);
  EXPECT_TRUE(run(creating.run("Admin@example.com", "first")));
  EXPECT_FALSE(run(creating.run("admin@example.com", "second")));
  const auto admin = run(world.stores.find_by_email("admin@example.com"));
  EXPECT_EQ(admin->password_hash, "hash(v2):first");
  EXPECT_THAT(admin->roles, testing::ElementsAre("customer", "admin"));
  EXPECT_FALSE(run(creating.run("budi@example.com", "right")));
}

TEST_F(Sessions, AnAccountIsDeletedOnce) {
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

TEST_F(Sessions, ARoleIsGrantedOnce) {
  grant_role granting(world.clock, world.stores);
  using outcome = grant_role::outcome;
  EXPECT_EQ(run(granting.run("BUDI@example.com", "admin")), outcome::granted);
  EXPECT_EQ(run(granting.run("budi@example.com", "admin")), outcome::had_it);
  EXPECT_EQ(run(granting.run("budi@example.com", "king")), outcome::unknown_role);
  EXPECT_EQ(run(granting.run("nobody@example.com", "admin")), outcome::no_account);
}

}  // namespace
}  // namespace micro_sayur::user_service
