// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/register_user.hpp"
#include "user-service/app/resend_verification.hpp"
#include "user-service/app/verify_email.hpp"
#include "user-service/tests/fakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::run;
using testing::StartsWith;

class Registration : public testing::Test {
 protected:
  register_user::outcome register_as(std::string email, std::string password = good,
                                     std::optional<idempotency_claim> claim = std::nullopt) {
    return run(registering.run({std::move(email), std::move(password), "Budi", "id", std::move(claim), {"request-1", ""}}));
  }
  bool accepted(const register_user::outcome& outcome) { return std::holds_alternative<register_user::accepted>(outcome); }
  idempotency_claim claim(std::uint8_t body) {
    return {.route = "/register", .key = "key-1", .fingerprint = {body}, .status = 202, .body = "{}", .now = world.clock.now()};
  }

  static inline const std::string good = "bayam-segar-tiap-pagi";
  test::world world;
  register_user registering{world.env, world.stores, world.stores, world.stores, world.hasher, world.allowance};
  verify_email verifying{world.env, world.stores};
  check_password passwords{world.env, world.stores, world.stores, world.hasher};
  resend_verification resending{world.env, passwords, world.stores, world.allowance};
};

TEST_F(Registration, MailsALinkOnThePublicAddress) {
  EXPECT_TRUE(accepted(register_as("Budi@Example.com")));
  ASSERT_EQ(world.stores.events.size(), 1U);
  const auto& event = world.stores.events[0];
  EXPECT_EQ(event.kind, user_event_kind::email_verification_requested);
  EXPECT_EQ(event.email, "Budi@Example.com");
  EXPECT_THAT(event.link, StartsWith("https://sayur.example/users/verify-email?token="));
  EXPECT_EQ(event.from.request_id, "request-1");
  EXPECT_TRUE(world.stores.accounts.empty());
}

TEST_F(Registration, AnAddressWithAnAccountIsAnsweredAlike) {
  world.make_account("budi@example.com", "other");
  const auto before = world.hasher.work;
  EXPECT_TRUE(accepted(register_as("BUDI@example.com")));
  const auto known = world.hasher.work - before;
  EXPECT_TRUE(accepted(register_as("siti@example.com")));
  EXPECT_EQ(world.hasher.work - before - known, known);
  EXPECT_EQ(world.stores.events[0].kind, user_event_kind::registration_attempted);
  EXPECT_EQ(world.stores.events[0].link, "");
  EXPECT_EQ(world.stores.registrations.size(), 1U);
}

TEST_F(Registration, TellsEveryFault) {
  const auto outcome = run(registering.run({"no address", "password", " ", "id", std::nullopt, {}}));
  const auto* faults = std::get_if<field_faults>(&outcome);
  ASSERT_NE(faults, nullptr);
  EXPECT_EQ(faults->size(), 3U);
  EXPECT_TRUE(world.stores.events.empty());
}

TEST_F(Registration, TheTokenMakesTheAccountOnce) {
  register_as("budi@example.com");
  const auto token = world.mailed_token();
  const auto made = run(verifying.run(token, {}));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->password_hash, "hash(v2):" + good);
  EXPECT_EQ(world.stores.events.back().kind, user_event_kind::registered);
  EXPECT_EQ(world.stores.events.back().user_id, world.stores.events.front().user_id);
  EXPECT_FALSE(run(verifying.run(token, {})));
  EXPECT_FALSE(run(verifying.run("unknown", {})));
}

TEST_F(Registration, TheAccountHasThePasswordOfItsOwnToken) {
  register_as("budi@example.com", "sayur-si-penyerang-77");
  const auto attackers = world.mailed_token();
  register_as("budi@example.com", good);
  const auto made = run(verifying.run(world.mailed_token(), {}));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->password_hash, "hash(v2):" + good);
  EXPECT_FALSE(run(verifying.run(attackers, {})));
}

TEST_F(Registration, ATokenExpires) {
  register_as("budi@example.com");
  world.clock.advance(24h);
  EXPECT_FALSE(run(verifying.run(world.mailed_token(), {})));
}

TEST_F(Registration, ANewMailVoidsTheOlderToken) {
  register_as("budi@example.com");
  const auto older = world.mailed_token();
  run(resending.run("budi@example.com", good, {}));
  EXPECT_EQ(world.stores.events.size(), 2U);
  EXPECT_FALSE(run(verifying.run(older, {})));
  EXPECT_TRUE(run(verifying.run(world.mailed_token(), {})));
}

TEST_F(Registration, ANewMailNeedsThePasswordAndCostsTheSameWithout) {
  register_as("budi@example.com");
  const auto before = world.hasher.work;
  run(resending.run("budi@example.com", "wrong", {}));
  const auto wrong = world.hasher.work - before;
  run(resending.run("nobody@example.com", "wrong", {}));
  EXPECT_EQ(world.hasher.work - before - wrong, wrong);
  EXPECT_EQ(world.stores.events.size(), 1U);
}

TEST_F(Registration, OthersWhoRegisterTheAddressDoNotKeepItsOwnerFromANewMail) {
  register_as("budi@example.com");
  for (int i = 0; i < 5; ++i) register_as("budi@example.com", "sayur-si-penyerang-7" + std::to_string(i));
  const auto events = world.stores.events.size();
  const auto before = world.hasher.work;
  run(resending.run("budi@example.com", good, {}));
  EXPECT_EQ(world.hasher.work - before, 1);
  EXPECT_EQ(world.stores.events.size(), events + 1);
  EXPECT_EQ(run(verifying.run(world.mailed_token(), {}))->password_hash, "hash(v2):" + good);
}

TEST_F(Registration, AKeyGivesTheSameAnswerAndHappensOnce) {
  EXPECT_TRUE(accepted(register_as("budi@example.com", good, claim(1))));
  const auto again = register_as("budi@example.com", good, claim(1));
  const auto* repeated = std::get_if<register_user::repeated>(&again);
  ASSERT_NE(repeated, nullptr);
  EXPECT_EQ(repeated->record.status, 202U);
  EXPECT_TRUE(std::holds_alternative<register_user::key_reused>(register_as("siti@example.com", good, claim(2))));
  EXPECT_EQ(world.stores.events.size(), 1U);
}

TEST_F(Registration, AKeyInUseIsToldApart) {
  world.stores.running.insert({"/register", "key-1"});
  EXPECT_TRUE(std::holds_alternative<register_user::still_running>(register_as("budi@example.com", good, claim(1))));
}

}  // namespace
}  // namespace micro_sayur::user_service
