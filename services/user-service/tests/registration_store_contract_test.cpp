// SPDX-License-Identifier: Apache-2.0
// What the store of registrations has to do, on PostgreSQL, on SQLite and in the memory of tests.
#include "user-service/adapters/sql/sql_recovery.hpp"
#include "user-service/tests/counting_database.hpp"
#include "user-service/tests/user_stores.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;
using test::stores;

constexpr sql::statement count_events{"count_events", "SELECT count(*) FROM outbox"};
constexpr sql::statement count_registrations{"count_registrations", "SELECT count(*) FROM registrations"};
constexpr sql::statement sequences{"sequences", "SELECT sequence FROM outbox ORDER BY sequence"};

class RegistrationStore : public test::user_stores {};

TEST_P(RegistrationStore, ARegistrationBecomesAnAccountOnce) {
  with_stores([this](stores& in) -> async::task<> {
    const auto waiting = co_await register_one(in, digest(1));
    co_await register_one(in, digest(2));
    const auto found_waiting = co_await in.registrations.find_waiting("budi@example.com", "hash");
    EXPECT_TRUE(found_waiting.has_value());
    EXPECT_FALSE(co_await in.registrations.find_waiting("budi@example.com", "other hash"));
    const auto made = co_await in.registrations.confirm(digest(1), now_, ids_.next(), {});
    EXPECT_TRUE(made.has_value());
    EXPECT_EQ(made->id, waiting.id);
    EXPECT_EQ(made->locale, "en");
    EXPECT_THAT(made->roles, testing::ElementsAre("customer"));
    EXPECT_FALSE(co_await in.registrations.confirm(digest(1), now_, ids_.next(), {}));
    EXPECT_FALSE(co_await in.registrations.confirm(digest(2), now_, ids_.next(), {}));
    co_await in.expect_count(count_registrations, 0);
    co_await in.expect_count(count_events, 2, "nobody is to hear of the other registration any more");
    if (in.on != nullptr) EXPECT_EQ(in.commits, 3);
    const auto found = co_await in.accounts.find_by_email("budi@example.com");
    EXPECT_TRUE(found.has_value());
    EXPECT_EQ(found->email, "Budi@example.com");
    EXPECT_EQ(found->version, 1);
  });
}

TEST_P(RegistrationStore, ARegistrationExpires) {
  with_stores([this](stores& in) -> async::task<> {
    const auto waiting = co_await register_one(in, digest(1));
    co_await in.let_pass(24h - 1min);
    EXPECT_TRUE(co_await in.registrations.find_waiting("budi@example.com", "hash"));
    EXPECT_TRUE(co_await in.registrations.find_by_token(digest(1)));
    co_await in.let_pass(1min);
    EXPECT_FALSE(co_await in.registrations.find_waiting("budi@example.com", "hash"));
    EXPECT_FALSE(co_await in.registrations.find_by_token(digest(1)));
    EXPECT_FALSE(co_await in.registrations.find_registration(waiting.id));
    EXPECT_FALSE(co_await in.registrations.confirm(digest(1), now_, ids_.next(), {}));
  });
}

TEST_P(RegistrationStore, EventsOfAUserAreNumbered) {
  with_stores([this](stores& in) -> async::task<> {
    const auto waiting = co_await register_one(in, digest(1));
    EXPECT_EQ((co_await in.registrations.find_registration(waiting.id))->name, "Budi");
    EXPECT_FALSE(co_await in.registrations.find_registration(ids_.next()));
    co_await issue(in, {waiting.id, digest(2), 48h, event(user_event_kind::email_verification_requested, waiting.id)});
    EXPECT_FALSE(co_await in.registrations.confirm(digest(1), now_, ids_.next(), {}));
    co_await in.let_pass(30h);
    EXPECT_TRUE(co_await in.registrations.confirm(digest(2), now_, ids_.next(), {}));
    co_await in.registrations.add_attempt(waiting.id, event(user_event_kind::registration_attempted, waiting.id), std::nullopt);
    co_await in.expect_count(count_events, 4);
    if (in.on == nullptr) co_return;  // numbers are given by the table
    const auto found = co_await in.on->query({sequences});
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < found.size(); ++i) numbers.push_back(found[i].get<std::int64_t>(0));
    EXPECT_THAT(numbers, testing::ElementsAre(1, 2, 3, 4));
  });
}

TEST_P(RegistrationStore, AKeyIsTakenOnceInTheTransactionOfItsEffect) {
  with_stores([this](stores& in) -> async::task<> {
    co_await register_one(in, digest(1), claim(1));
    auto what = co_await register_one(in, digest(2));
    what.id = ids_.next();
    const auto again =
        co_await in.registrations.add(what, digest(3), 24h, event(user_event_kind::email_verification_requested, what.id), claim(1));
    EXPECT_EQ(again, claim_outcome::repeated);
    co_await in.expect_count(count_registrations, 2);
    const auto record = co_await in.answers.find("/register", "key-1");
    EXPECT_TRUE(record.has_value());
    EXPECT_EQ(record->fingerprint, claim(1).fingerprint);
    EXPECT_EQ(record->status, 202U);
    co_await in.let_pass(24h);
    EXPECT_FALSE(co_await in.answers.find("/register", "key-1"));
    EXPECT_EQ(co_await in.registrations.add_attempt(what.id, event(user_event_kind::registration_attempted, what.id), claim(2)),
              claim_outcome::done);
  });
}

TEST_P(RegistrationStore, WhatIsNotMailedIsKeptWithoutAnEvent) {
  with_stores([this](stores& in) -> async::task<> {
    const auto known = co_await account_one(in);
    co_await in.expect_count(count_events, 2);
    EXPECT_EQ(co_await in.registrations.add_attempt(known.id, std::nullopt, claim(1)), claim_outcome::done);
    EXPECT_EQ(co_await in.registrations.add_attempt(known.id, std::nullopt, claim(1)), claim_outcome::repeated);
    registration what{.id = ids_.next(),
                      .email = "siti@example.com",
                      .email_key = "siti@example.com",
                      .name = "Siti",
                      .locale = "en",
                      .password_hash = "hash"};
    EXPECT_EQ(co_await in.registrations.add(what, digest(2), 24h, std::nullopt, std::nullopt), claim_outcome::done);
    co_await in.expect_count(count_events, 2);
    EXPECT_TRUE(co_await in.registrations.find_waiting("siti@example.com", "hash"));
  });
}

TEST_P(RegistrationStore, AnAttemptTakesAsManyTripsAsARegistration) {
  if (is_memory()) GTEST_SKIP() << "there are no trips to it";
  with_stores([this](stores& in) -> async::task<> {
    const auto known = co_await account_one(in);
    test::counting_database counting(*in.on);
    const auto seal = test_seal();
    const user_event_writer writer(seal, [] {});
    sql_registration_store registrations(counting, writer);
    for (const bool is_mailed : {true, false}) {
      const registration fresh{.id = ids_.next(),
                               .email = "siti@example.com",
                               .email_key = "siti@example.com",
                               .name = "Siti",
                               .locale = "en",
                               .password_hash = "hash"};
      const auto about = [&](user_event_kind kind, uuid id) { return is_mailed ? std::optional(event(kind, id)) : std::nullopt; };
      token_digest token{};
      random_.fill(token);
      counting.trips = 0;
      co_await registrations.add(fresh, token, 24h, about(user_event_kind::email_verification_requested, fresh.id), std::nullopt);
      const auto of_registration = std::exchange(counting.trips, 0);
      co_await registrations.add_attempt(known.id, about(user_event_kind::registration_attempted, known.id), std::nullopt);
      EXPECT_EQ(counting.trips, of_registration) << (is_mailed ? "mailed" : "not mailed");
    }
  });
}

TEST_P(RegistrationStore, WhoWasErasedAndIsThereAsARegistrationAgainGoesWithAllThatHasTheAddress) {
  if (is_memory()) GTEST_SKIP() << "it is never restored";
  with_stores([this](stores& in) -> async::task<> {
    const auto erased = co_await register_one(in, digest(1));
    co_await register_one(in, digest(2));
    sql_recovery recovery(*in.on);
    EXPECT_FALSE(co_await recovery.drop_registrations_like(ids_.next()));
    EXPECT_TRUE(co_await recovery.drop_registrations_like(erased.id));
    co_await in.expect_count(count_registrations, 0);
    co_await in.expect_count(count_events, 0);
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, RegistrationStore, test::every_store, [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::user_service
