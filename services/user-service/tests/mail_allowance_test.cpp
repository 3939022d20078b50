// SPDX-License-Identifier: Apache-2.0
#include "platform/test_support/fragile_store.hpp"
#include "user-service/adapters/cache/cached_mail_allowance.hpp"
#include "user-service/app/register_user.hpp"
#include "user-service/app/resend_verification.hpp"
#include "user-service/domain/mail_limits.hpp"
#include "user-service/tests/verification_fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::run;

class MailAllowance : public testing::Test {
 protected:
  bool take(mail_cause why = mail_cause::registration, const std::string& client = "192.0.2.1",
            const std::string& address = "budi@example.com") {
    return run(allowance.take(why, address, {.request_id = "request-1", .traceparent = "", .network = client}));
  }
  int take_until_refused(const std::string& client = "192.0.2.1") {
    int allowed = 0;
    while (take(mail_cause::registration, client)) ++allowed;
    return allowed;
  }

  manual_clock clock;
  micro_sayur::test::fragile_store shared{clock};
  const std::unique_ptr<cache::store> local = cache::make_in_process_store(clock);
  std::vector<mail_cause> refused;
  cached_mail_allowance allowance{shared, *local, [this](mail_cause why, const origin&) { refused.push_back(why); }};
};

TEST_F(MailAllowance, AClientHasSoManyAnHour) {
  EXPECT_EQ(take_until_refused(), most_mails_by_one_client);
  EXPECT_EQ(refused, std::vector{mail_cause::registration});
  EXPECT_TRUE(take(mail_cause::registration, "192.0.2.1", "siti@example.com"));
  clock.advance(59min);
  EXPECT_FALSE(take()) << "what was refused does not prolong the hour, nor shorten it";
  clock.advance(1min);
  EXPECT_TRUE(take());
}

TEST_F(MailAllowance, AHomeOfManyNetworksUsesUpNeitherItsSitesShareNorThatOfAll) {
  const auto take_all = [this](std::string_view block) {
    int allowed = 0;
    for (int i = 0; i < 30; ++i) allowed += take_until_refused(fmt::format("{}{:02x}::", block, i));
    return allowed;
  };
  EXPECT_EQ(take_until_refused("2001:db8:1:100::"), most_mails_by_one_client);
  EXPECT_EQ(take_all("2001:db8:1:1"), most_mails_by_a_home - most_mails_by_one_client);
  EXPECT_EQ(take_all("2001:db8:1:2"), most_mails_by_a_site - most_mails_by_a_home) << "a neighbour";
  EXPECT_EQ(take_all("2001:db8:1:3"), 0);
  EXPECT_EQ(take_until_refused("2001:db8:2:1::"), most_mails_by_one_client) << "another site";
}

TEST_F(MailAllowance, OneClientDoesNotUseUpThatOfTheAddressesOwner) {
  for (int i = 0; i < 50; ++i) take();
  EXPECT_TRUE(take(mail_cause::registration, "198.51.100.7"));
  EXPECT_TRUE(take(mail_cause::resend)) << "each cause has its own";
}

TEST_F(MailAllowance, ManyClientsTogetherHaveSoManyAnHour) {
  std::int64_t allowed = 0;
  for (int i = 0; i < 2 * most_mails_by_all_clients; ++i) allowed += take(mail_cause::registration, "192.0.2." + std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(allowed, most_mails_by_all_clients);
}

TEST_F(MailAllowance, WhatIsGivenBackCanBeTakenAgain) {
  EXPECT_EQ(take_until_refused(), most_mails_by_one_client);
  run(allowance.give_back(mail_cause::registration, "budi@example.com", {"", "", "192.0.2.1"}));
  EXPECT_TRUE(take());
  EXPECT_FALSE(take());
}

TEST_F(MailAllowance, DoesNotFailOpenWhileTheSharedCacheIsAway) {
  shared.away = true;
  EXPECT_EQ(take_until_refused(), most_mails_by_one_client);
}

class RationedRegistration : public testing::Test {
 protected:
  void register_as(const std::string& email) {
    const auto outcome = run(registering.run({email, crypto::password(std::string(good)), "Budi", "id", std::nullopt, {}}));
    EXPECT_TRUE(std::holds_alternative<register_user::accepted>(outcome));
  }

  void resend(const std::string& email) {
    EXPECT_FALSE(run(resending.run({email, crypto::password(std::string(good)), "", {}})));
    EXPECT_FALSE(run(world.requests.settle_some()));
  }

  static inline const std::string good = "bayam-segar-tiap-pagi";
  test::world world;
  register_user registering{world.env, world.stores, world.stores, world.stores, world.hasher, world.allowance};
  resend_verification resending{world.env, world.passwords, world.requests};
  test::verification verification{world};
};

TEST_F(RationedRegistration, BeyondTheAllowanceIsAcceptedAndMailsNothing) {
  world.make_account("siti@example.com", "other");
  world.allowance.left = 0;
  const auto before = world.hasher.work;
  register_as("siti@example.com");
  const auto known = world.hasher.work - before;
  register_as("Budi@example.com");
  EXPECT_EQ(world.hasher.work - before - known, known);
  EXPECT_TRUE(world.stores.events.empty());
  EXPECT_EQ(world.allowance.taken, (std::vector<std::string>{"siti@example.com", "budi@example.com"})) << "counted by the key";
}

TEST_F(RationedRegistration, ItsOwnerGetsAMailByAskingAgain) {
  world.allowance.left = 0;
  register_as("budi@example.com");
  resend("budi@example.com");
  EXPECT_TRUE(world.stores.events.empty());
  world.allowance.left = 1;
  resend("budi@example.com");
  ASSERT_EQ(world.stores.events.size(), 1U);
  EXPECT_TRUE(verification.made(world.mailed_token(), good));
}

TEST_F(RationedRegistration, AResendBeyondTheAllowanceLeavesTheMailedTokenAlive) {
  register_as("budi@example.com");
  world.allowance.left = 0;
  resend("budi@example.com");
  EXPECT_EQ(world.stores.events.size(), 1U);
  EXPECT_TRUE(verification.made(world.mailed_token(), good));
}

TEST_F(RationedRegistration, WhatWasNotKeptDoesNotCount) {
  world.allowance.left = 1;
  world.stores.running.insert({"/register", "key-1"});
  const idempotency_claim claim{.route = "/register", .key = "key-1", .fingerprint = {1}, .status = 202, .body = "{}"};
  run(registering.run({"budi@example.com", crypto::password(std::string(good)), "Budi", "id", claim, {}}));
  EXPECT_EQ(world.allowance.left, 1);
  world.stores.running.clear();
  run(registering.run({"budi@example.com", crypto::password(std::string(good)), "Budi", "id", claim, {}}));
  EXPECT_EQ(world.allowance.left, 0);
  run(registering.run({"budi@example.com", crypto::password(std::string(good)), "Budi", "id", claim, {}}));
  EXPECT_EQ(world.allowance.taken.size(), 2U) << "a repetition does not ask";
}

}  // namespace
}  // namespace micro_sayur::user_service
