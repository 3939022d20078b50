// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sql/statements.hpp"
#include "notification-service/tests/store_fixture.hpp"
#include "platform/sql/tests/contract/plan.hpp"

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

class NotificationStore : public test::store_fixture {};

TEST_P(NotificationStore, KeepsWhatItReceives) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await stored(store);
    const auto found = co_await store.find(what.id);
    EXPECT_TRUE(found.has_value());
    EXPECT_EQ(found->what.recipient, what.recipient);
    EXPECT_EQ(found->what.values, what.values);
    EXPECT_EQ(found->what.language, locale::english);
    EXPECT_EQ(found->what.status, notification_status::pending);
    EXPECT_EQ(found->what.created_at, now_);
    EXPECT_TRUE(found->attempts.empty());
    EXPECT_FALSE((co_await store.find(ids_.next())).has_value());
  });
}

TEST_P(NotificationStore, TakesAnEventOnce) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto key = fresh_key();
    const auto first = co_await store.receive(key, make(), lease);
    const auto again = co_await store.receive(key, make(), lease);
    EXPECT_EQ(first, receive_outcome::stored);
    EXPECT_EQ(again, receive_outcome::duplicate);
    const auto all = co_await store.list({});
    EXPECT_EQ(all.size(), 1U);
  });
}

TEST_P(NotificationStore, TakesANotificationOnceWhereTheInboxWasLost) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto key = fresh_key();
    const auto what = make();
    co_await store.receive(key, what, lease);
    static constexpr sql::statement empty_inbox{"test_empty_inbox", "DELETE FROM inbox"};
    co_await on.execute_one(empty_inbox);
    EXPECT_EQ(co_await store.receive(key, what, lease), receive_outcome::duplicate);
  });
}

TEST_P(NotificationStore, NotesAnEventThatMailsNothing) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto key = fresh_key();
    const auto first = co_await store.receive(key, std::nullopt, lease);
    const auto again = co_await store.receive(key, std::nullopt, lease);
    EXPECT_EQ(first, receive_outcome::stored);
    EXPECT_EQ(again, receive_outcome::duplicate);
    EXPECT_TRUE((co_await store.list({})).empty());
  });
}

TEST_P(NotificationStore, ClaimsWhatIsDueOnce) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto what = co_await stored(store);
    const auto claimed = co_await store.claim(lease, 10);
    co_await pass(on, 59min);
    const auto again = co_await store.claim(lease, 10);
    EXPECT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed.at(0).id, what.id);
    EXPECT_EQ(claimed.at(0).attempts, 1);
    EXPECT_EQ(claimed.at(0).values, what.values);
    EXPECT_TRUE(again.empty());
    const auto found = co_await store.find(what.id);
    EXPECT_EQ(found->what.status, notification_status::sending);
    EXPECT_EQ(found->attempts.size(), 1U);
    EXPECT_EQ(found->attempts.at(0).outcome, "");
  });
}

TEST_P(NotificationStore, ClaimsASendingOneAgainWhenItsLeaseIsOver) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    co_await pass(on, 59min);
    const auto during = co_await store.claim(lease, 10);
    co_await pass(on, 1min);
    const auto after = co_await store.claim(lease, 10);
    EXPECT_TRUE(during.empty());
    EXPECT_EQ(after.size(), 1U);
    EXPECT_EQ(after.at(0).id, what.id);
    EXPECT_EQ(after.at(0).attempts, 2);
    const auto found = co_await store.find(what.id);
    EXPECT_EQ(found->attempts.size(), 2U);
  });
}

TEST_P(NotificationStore, InstancesThatClaimAtOnceShareTheWork) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    for (int i = 0; i < 60; ++i) co_await stored(store);
    std::map<uuid, int> times;
    async::task_group claimers(co_await boost::asio::this_coro::executor);
    const std::function<async::task<>()> claim = [&]() -> async::task<> {
      while (true) {
        const auto claimed = co_await store.claim(lease, 4);
        if (claimed.empty()) co_return;
        for (const auto& each : claimed) ++times[each.id];
      }
    };
    for (int i = 0; i < 6; ++i) claimers.spawn("claim", claim);
    co_await claimers.join();
    co_await claim();
    EXPECT_EQ(times.size(), 60U);
    for (const auto& [id, taken] : times) EXPECT_EQ(taken, 1) << id.to_string();
  });
}

TEST_P(NotificationStore, SentErasesTheValues) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(what, delivery_outcome::kind::accepted, notification_status::sent));
    const auto found = co_await store.find(what.id);
    EXPECT_EQ(found->what.status, notification_status::sent);
    EXPECT_FALSE(found->what.values.has_value());
    EXPECT_EQ(found->attempts.at(0).outcome, "sent");
    EXPECT_EQ(found->attempts.at(0).detail, "said");
    EXPECT_EQ(found->attempts.at(0).ended_at, now_ + 1s);
    co_await pass(on, 2h);
    EXPECT_TRUE((co_await store.claim(lease, 10)).empty());
  });
}

TEST_P(NotificationStore, KeepsAnOutcomeWhateverTheMailServerSaid) {
  using namespace std::string_literals;
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    for (const auto& said : {"550 bo\xeete inconnue"s, "550 \0no"s, "550 "s + std::string(100'000, 'x')}) {
      const auto what = co_await stored(store, notification_status::sending);
      auto result = result_of(what, delivery_outcome::kind::permanent_failure, notification_status::failed);
      result.outcome.detail = said;
      co_await store.finish(result);
      const auto found = co_await store.find(what.id);
      EXPECT_EQ(found->what.status, notification_status::failed);
      EXPECT_EQ(found->attempts.at(0).outcome, "permanent_failure");
      EXPECT_TRUE(found->attempts.at(0).detail.starts_with("550 ")) << found->attempts.at(0).detail;
      EXPECT_LE(found->attempts.at(0).detail.size(), 500U);
    }
  });
}

TEST_P(NotificationStore, CountsAnAttemptWhoseOutcomeWasNeverStored) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    co_await stored(store, notification_status::sending);
    co_await pass(on, lease);
    const auto first = co_await store.claim(lease, 10);
    co_await pass(on, lease);
    const auto second = co_await store.claim(lease, 10);
    EXPECT_EQ(first.at(0).failures, 1);
    EXPECT_EQ(second.at(0).failures, 2);
  });
}

TEST_P(NotificationStore, TellsForHowLongWhatIsDueHasWaited) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    EXPECT_EQ((co_await store.longest_overdue()).count(), 0);
    co_await stored(store, notification_status::sending);
    EXPECT_EQ((co_await store.longest_overdue()).count(), 0) << "it is held";
    co_await pass(on, lease + 2min);
    EXPECT_GE(co_await store.longest_overdue(), 2min);
  });
}

TEST_P(NotificationStore, AFailureIsDueAgainWhenItsTimeComes) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(what, delivery_outcome::kind::temporary_failure, notification_status::pending, 5min));
    co_await pass(on, 4min);
    EXPECT_TRUE((co_await store.claim(lease, 10)).empty());
    co_await pass(on, 1min);
    const auto again = co_await store.claim(lease, 10);
    EXPECT_EQ(again.size(), 1U);
    EXPECT_EQ(again.at(0).attempts, 2);
    EXPECT_EQ(again.at(0).failures, 1);
  });
}

TEST_P(NotificationStore, ALateFailureDoesNotUndoALaterAttempt) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    co_await pass(on, lease);
    co_await store.claim(lease, 10);
    co_await store.finish(result_of(what, delivery_outcome::kind::permanent_failure, notification_status::failed));
    auto found = co_await store.find(what.id);
    EXPECT_EQ(found->what.status, notification_status::sending);
    co_await store.finish(result_of(what, delivery_outcome::kind::accepted, notification_status::sent));
    found = co_await store.find(what.id);
    EXPECT_EQ(found->what.status, notification_status::sent);
  });
}

TEST_P(NotificationStore, RetriesOnlyWhatHasFailedAndIsNotErased) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto failed = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(failed, delivery_outcome::kind::permanent_failure, notification_status::failed));
    const auto sent = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(sent, delivery_outcome::kind::accepted, notification_status::sent));
    const auto pending = co_await stored(store);
    EXPECT_EQ(co_await store.retry(failed.id), retry_outcome::done);
    EXPECT_EQ(co_await store.retry(failed.id), retry_outcome::not_failed);
    EXPECT_EQ(co_await store.retry(sent.id), retry_outcome::erased);
    EXPECT_EQ(co_await store.retry(pending.id), retry_outcome::not_failed);
    EXPECT_EQ(co_await store.retry(ids_.next()), retry_outcome::not_found);
    const auto due = co_await store.claim(lease, 10);
    EXPECT_EQ(due.size(), 2U);
  });
}

TEST_P(NotificationStore, ListsNewestFirstInPages) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    std::vector<uuid> expected;
    for (int i = 0; i < 5; ++i) {
      auto what = make();
      what.id = uuid::version_7(now_ + std::chrono::seconds(i), std::array<std::uint8_t, 10>{});
      if (i == 3) what.recipient = "siti@example.com";
      co_await store.receive(fresh_key(), what, lease);
      expected.insert(expected.begin(), what.id);
    }
    const auto ids = [](const std::vector<notification>& from) {
      std::vector<uuid> out;
      for (const auto& each : from) out.push_back(each.id);
      return out;
    };
    const auto first = co_await store.list({.limit = 2});
    const auto second = co_await store.list({.before = expected[1], .limit = 10});
    EXPECT_EQ(ids(first), std::vector(expected.begin(), expected.begin() + 2));
    EXPECT_EQ(ids(second), std::vector(expected.begin() + 2, expected.end()));
    const auto budis = co_await store.list({.recipient = " BUDI@example.com"});
    EXPECT_EQ(budis.size(), 4U);
    const auto pending = co_await store.list({.status = notification_status::pending});
    EXPECT_EQ(pending.size(), 5U);
    const auto both = co_await store.list({.recipient = "siti@example.com", .status = notification_status::sent});
    EXPECT_TRUE(both.empty());
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, NotificationStore, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

TEST(NotificationStoreOnPostgres, FindsRowsThroughIndexes) {
  const auto in = sql::contract::make_postgres_sandbox();
  sql::contract::on_database(*in, {}, [](sql::database& on) -> async::task<> {
    co_await sql::migrate(on, service_name, postgres_migrations);
    for (const auto* what : statements::all_that_search) co_await sql::contract::expect_index(on, *what);
  });
}

}  // namespace
}  // namespace micro_sayur::notification_service
