// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/register_user.hpp"
#include "user-service/app/resend_verification.hpp"
#include "user-service/tests/verification_fixture.hpp"

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
    return run(registering.run(
        {std::move(email), crypto::password(std::move(password)), "Budi", "id", std::move(claim), {"request-1", "", "192.0.2.1"}}));
  }
  std::optional<check_password::throttled> resend(std::string email, std::string password) {
    const auto throttled = run(resending.run({std::move(email), crypto::password(std::move(password)), "", {}}));
    EXPECT_EQ(world.stores.requests.size(), throttled ? 0U : 1U) << "the same is kept whatever waits";
    run(world.requests.settle_some());
    return throttled;
  }
  bool accepted(const register_user::outcome& outcome) { return std::holds_alternative<register_user::accepted>(outcome); }
  idempotency_claim claim(std::uint8_t body) {
    return {.route = "/register", .key = "key-1", .fingerprint = {body}, .status = 202, .body = "{}"};
  }

  static inline const std::string good = "bayam-segar-tiap-pagi";
  test::world world;
  register_user registering{world.env, world.stores, world.stores, world.stores, world.hasher, world.allowance};
  test::verification verification{world};
  resend_verification resending{world.env, world.passwords, world.requests};
};

TEST(CountingRandom, NeverRepeats) {
  test::world in;
  std::set<std::string> ids;
  std::set<std::string> tokens;
  for (int i = 0; i < 1000; ++i) {
    ids.insert(in.ids.next().to_string());
    tokens.insert(make_token(in.random).text);
  }
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_EQ(tokens.size(), 1000U);
}

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

TEST_F(Registration, TellsBeforehandWhatAddressTheMailServerWillNotTake) {
  EXPECT_TRUE(accepted(register_as("börje@example.com"))) << "it may: nobody knows otherwise";
  auto env = world.env;
  env.new_addresses.local = local_parts::ascii;
  register_user knowing{env, world.stores, world.stores, world.stores, world.hasher, world.allowance};
  const auto outcome = run(knowing.run({"åsa@example.com", crypto::password("short"), "Åsa", "id", std::nullopt, {}}));
  const auto* faults = std::get_if<field_faults>(&outcome);
  ASSERT_NE(faults, nullptr);
  ASSERT_EQ(faults->size(), 2U);
  EXPECT_EQ(faults->at(0).field, "email");
  EXPECT_EQ(faults->at(0).code, "not_deliverable");
  EXPECT_EQ(faults->at(1).field, "password");
  EXPECT_EQ(world.stores.registrations.size(), 1U);
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
  const auto outcome = run(registering.run({"no address", crypto::password("password"), " ", "id", std::nullopt, {}}));
  const auto* faults = std::get_if<field_faults>(&outcome);
  ASSERT_NE(faults, nullptr);
  EXPECT_EQ(faults->size(), 3U);
  EXPECT_TRUE(world.stores.events.empty());
}

TEST_F(Registration, TheTokenMakesTheAccountOnce) {
  register_as("budi@example.com");
  const auto token = world.mailed_token();
  const auto made = verification.made(token, good);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->password_hash, "hash(v2):" + good);
  EXPECT_EQ(world.stores.events.back().kind, user_event_kind::registered);
  EXPECT_EQ(world.stores.events.back().user_id, world.stores.events.front().user_id);
  EXPECT_FALSE(verification.made(token, good));
  EXPECT_FALSE(verification.made("unknown", good));
}

TEST_F(Registration, TheAccountHasThePasswordOfItsOwnToken) {
  register_as("budi@example.com", "sayur-si-penyerang-77");
  const auto attackers = world.mailed_token();
  register_as("budi@example.com", good);
  const auto made = verification.made(world.mailed_token(), good);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->password_hash, "hash(v2):" + good);
  EXPECT_FALSE(verification.made(attackers, good));
}

/// Somebody whose address a stranger registered presses the button of his mail: the stranger's password opens nothing.
TEST_F(Registration, AStrangersRegistrationIsNotConfirmedByWhoGotTheMail) {
  register_as("budi@example.com", "sayur-si-penyerang-77");
  const auto mailed = world.mailed_token();
  const auto outcome = verification.run(mailed, good);
  EXPECT_TRUE(std::holds_alternative<verify_email::wrong_password>(outcome));
  EXPECT_TRUE(world.stores.accounts.empty());
  ASSERT_EQ(world.throttle.settled.size(), 1U);
  EXPECT_EQ(world.throttle.settled.front().second, attempt_result::failed);
  EXPECT_THAT(world.throttle.settled.front().first, testing::Not(testing::HasSubstr("@")))
      << "counted by the registration: what strangers do at login does not bind who has the mail";
  EXPECT_TRUE(verification.made(mailed, "sayur-si-penyerang-77")) << "the token is good still";
  EXPECT_EQ(world.throttle.settled.back().second, attempt_result::unknown) << "a first sign-in clears no count";
}

TEST_F(Registration, AConfirmationWaitsWhenTooManyWereWrong) {
  register_as("budi@example.com");
  world.throttle.wait = 4s;
  const auto before = world.hasher.work;
  EXPECT_TRUE(std::holds_alternative<verify_email::throttled>(verification.run(world.mailed_token(), good)));
  EXPECT_EQ(world.hasher.work, before);
}

TEST_F(Registration, ARightPasswordThatIsNotConfirmedCountsAsAFailure) {
  register_as("budi@example.com");
  const auto outcome = run(verification.logging_in.run({"budi@example.com", crypto::password(std::string(good)), "", {}}));
  EXPECT_TRUE(std::holds_alternative<log_in::wrong_credentials>(outcome));
  resend("budi@example.com", good);
  EXPECT_THAT(world.throttle.settled, testing::ElementsAre(testing::Pair("budi@example.com", attempt_result::failed),
                                                           testing::Pair("budi@example.com", attempt_result::failed)));
  EXPECT_THAT(world.hasher.clients, testing::SizeIs(3));
}

TEST_F(Registration, ANewMailIsThrottledLikeALogin) {
  register_as("budi@example.com");
  world.throttle.wait = 4s;
  const auto before = world.hasher.work;
  EXPECT_EQ(resend("budi@example.com", good)->wait, 4s);
  EXPECT_EQ(world.hasher.work, before);
}

TEST_F(Registration, ATokenExpires) {
  register_as("budi@example.com");
  world.clock.advance(24h);
  EXPECT_FALSE(verification.made(world.mailed_token(), good));
}

TEST_F(Registration, ANewMailVoidsTheOlderToken) {
  register_as("budi@example.com");
  const auto older = world.mailed_token();
  resend("budi@example.com", good);
  EXPECT_EQ(world.stores.events.size(), 2U);
  EXPECT_FALSE(verification.made(older, good));
  EXPECT_TRUE(verification.made(world.mailed_token(), good));
}

TEST_F(Registration, ANewMailNeedsThePasswordAndCostsTheSameWithout) {
  register_as("budi@example.com");
  const auto before = world.hasher.work;
  resend("budi@example.com", "wrong");
  const auto wrong = world.hasher.work - before;
  resend("nobody@example.com", "wrong");
  EXPECT_EQ(world.hasher.work - before - wrong, wrong);
  EXPECT_EQ(world.stores.events.size(), 1U);
}

TEST_F(Registration, OthersWhoRegisterTheAddressDoNotKeepItsOwnerFromANewMail) {
  register_as("budi@example.com");
  for (int i = 0; i < 5; ++i) register_as("budi@example.com", "sayur-si-penyerang-7" + std::to_string(i));
  const auto events = world.stores.events.size();
  const auto before = world.hasher.work;
  resend("budi@example.com", good);
  EXPECT_EQ(world.hasher.work - before, 1);
  EXPECT_EQ(world.stores.events.size(), events + 1);
  EXPECT_EQ(verification.made(world.mailed_token(), good)->password_hash, "hash(v2):" + good);
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
