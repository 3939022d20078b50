// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/jwt.hpp"
#include "user-service/tests/session_fixture.hpp"

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::run;

class Login : public test::Sessions {};

TEST_F(Login, ALoginYieldsATokenForTheAccount) {
  const auto pair = tokens();
  const auto claims = crypto::access_token_verifier("issuer", "audience", world.clock).verify(pair.access_token, keys.current()->all);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, pair.owner.id);
  EXPECT_THAT(claims->roles, testing::ElementsAre("customer"));
  EXPECT_EQ(pair.access_lifetime, 10min);
  EXPECT_EQ(pair.refresh_lifetime, refresh_idle_lifetime);
  EXPECT_THAT(world.throttle.settled, testing::ElementsAre(testing::Pair("budi@example.com", attempt_result::succeeded)));
  EXPECT_THAT(world.security.events, testing::ElementsAre(security_events::login_success));
}

TEST_F(Login, AFailureIsCountedForKnownAndUnknownAccountsAlike) {
  const auto before = world.hasher.work;
  EXPECT_TRUE(std::holds_alternative<log_in::wrong_credentials>(log_in_with("wrong")));
  const auto known = world.hasher.work - before;
  EXPECT_TRUE(std::holds_alternative<log_in::wrong_credentials>(log_in_with("wrong", "Nobody@example.com")));
  EXPECT_EQ(world.hasher.work - before - known, known);
  EXPECT_THAT(world.throttle.settled, testing::ElementsAre(testing::Pair("budi@example.com", attempt_result::failed),
                                                           testing::Pair("nobody@example.com", attempt_result::failed)));
  EXPECT_THAT(world.hasher.clients, testing::Each("192.0.2.1"));
}

TEST_F(Login, AThrottledAttemptIsNotLookedAt) {
  world.throttle.wait = 4s;
  const auto before = world.hasher.work;
  const auto outcome = log_in_with("right");
  ASSERT_TRUE(std::holds_alternative<log_in::throttled>(outcome));
  EXPECT_EQ(std::get<log_in::throttled>(outcome).wait, 4s);
  EXPECT_EQ(world.hasher.work, before);
}

TEST_F(Login, AnAttemptThatBreaksIsNoFailure) {
  world.hasher.broken = true;
  EXPECT_THROW(log_in_with("right"), async::overloaded);
  EXPECT_THAT(world.throttle.settled, testing::ElementsAre(testing::Pair("budi@example.com", attempt_result::unknown)));
}

TEST_F(Login, ADisabledAccountIsToldOnlyWithTheRightPassword) {
  world.stores.accounts.begin()->second.status = account_status::disabled;
  EXPECT_TRUE(std::holds_alternative<log_in::disabled>(log_in_with("right")));
  EXPECT_TRUE(std::holds_alternative<log_in::wrong_credentials>(log_in_with("wrong")));
}

TEST_F(Login, AnOldHashIsRenewed) {
  world.stores.accounts.begin()->second.password_hash = "hash(v1):right";
  tokens();
  EXPECT_EQ(world.stores.accounts.begin()->second.password_hash, "hash(v2):right");
}

/// Whatever changes the credential while the password is being hashed: no session is opened on the old one.
TEST_F(Login, ALoginThatAChangeOvertakesIsRefused) {
  const auto id = world.stores.accounts.begin()->first;
  const std::vector<std::function<async::task<>()>> changes{
      [&]() -> async::task<> {
        ask_for_reset("budi@example.com");
        co_await world.stores.use(digest_of(world.mailed_token()), "hash(v2):new", world.clock.now(), {});
      },
      [&]() -> async::task<> { co_await world.stores.set_status(id, account_status::disabled, world.clock.now()); },
      [&]() -> async::task<> { co_await world.stores.erase(id, world.clock.now(), {}); }};
  for (const auto& change : changes) {
    world.stores.accounts[id] = world.make_account("budi@example.com", "right");
    std::erase_if(world.stores.accounts, [&](const auto& each) { return each.first != id; });
    world.stores.accounts[id].id = id;
    bool changed = false;
    world.hasher.before_work = [&]() -> async::task<> {
      if (!std::exchange(changed, true)) co_await change();
    };
    EXPECT_TRUE(std::holds_alternative<log_in::wrong_credentials>(log_in_with("right")));
    world.hasher.before_work = {};
    EXPECT_TRUE(world.stores.tokens.empty());
  }
}

TEST_F(Login, TwoRightLoginsDuringARehashBothSucceed) {
  world.stores.accounts.begin()->second.password_hash = "hash(v1):right";
  bool second_began = false;
  world.hasher.before_work = [&]() -> async::task<> {
    if (std::exchange(second_began, true)) co_return;
    const auto second = co_await logging_in.run(typed("right"));
    EXPECT_TRUE(std::holds_alternative<token_pair>(second));
  };
  EXPECT_TRUE(std::holds_alternative<token_pair>(log_in_with("right")));
  EXPECT_EQ(world.stores.tokens.size(), 2U);
}

TEST_F(Login, ADeviceThatHasSignedInIsTold) {
  const auto pair = tokens();
  EXPECT_EQ(world.throttle.devices.back(), "");
  ASSERT_TRUE(std::holds_alternative<token_pair>(run(logging_in.run(typed("right", "BUDI@example.com", pair.device_token)))));
  const auto device = world.throttle.devices.back();
  EXPECT_NE(device, "");
  run(logging_in.run(typed("wrong", "siti@example.com", pair.device_token)));
  EXPECT_EQ(world.throttle.devices.back(), "") << "of another address";
  run(logging_in.run(typed("wrong", "budi@example.com", "forged." + pair.device_token)));
  EXPECT_EQ(world.throttle.devices.back(), "");
  world.keys = {"newer key", "key"};
  run(logging_in.run(typed("wrong", "budi@example.com", pair.device_token)));
  EXPECT_EQ(world.throttle.devices.back(), device);
}

TEST_F(Login, APasswordTypedOnAnotherKeyboardIsTheSame) {
  world.stores.accounts.begin()->second.password_hash = "hash(v2):caf\u00e9 panjang";
  EXPECT_TRUE(std::holds_alternative<token_pair>(log_in_with("cafe\u0301\u00a0panjang")));
}

TEST_F(Login, APasswordThatWasSetAsItWasTypedStillOpensAndIsHashedAnew) {
  world.stores.accounts.begin()->second.password_hash = "hash(v2):cafe\u0301";
  const auto before = world.hasher.work;
  EXPECT_TRUE(std::holds_alternative<token_pair>(log_in_with("cafe\u0301")));
  EXPECT_EQ(world.stores.accounts.begin()->second.password_hash, "hash(v2):caf\u00e9");
  EXPECT_EQ(world.hasher.work - before, 3);
  const auto between = world.hasher.work;
  log_in_with("falsche\u0301");
  const auto known = world.hasher.work - between;
  log_in_with("falsche\u0301", "nobody@example.com");
  EXPECT_EQ(world.hasher.work - between - known, known) << "as much for an address without an account";
  EXPECT_EQ(known, 2);
}

}  // namespace
}  // namespace micro_sayur::user_service
