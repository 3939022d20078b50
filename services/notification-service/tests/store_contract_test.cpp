// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/sql/migrations.hpp"
#include "notification-service/adapters/sql/sql_notification_store.hpp"
#include "notification-service/adapters/sql/statements.hpp"
#include "platform/async/task_group.hpp"
#include "platform/base/system.hpp"
#include "platform/sql/tests/contract/contract.hpp"
#include "platform/sql/tests/contract/plan.hpp"

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using sql::contract::DatabaseContract;

class NotificationStore : public DatabaseContract {
 protected:
  void with_store(std::function<async::task<>(notification_store&, sql::database&)> body) {
    on_database([this, body](sql::database& on) -> async::task<> {
      co_await sql::migrate(on, service_name, is_postgres() ? postgres_migrations : sqlite_migrations);
      const auto store = make_sql_notification_store(on);
      co_await body(*store, on);
    });
  }

  notification make(notification_status status = notification_status::pending) {
    return {.id = ids_.next(),
            .kind = notification_kind::email_verification,
            .user_id = ids_.next(),
            .recipient = "Budi@Example.com",
            .language = locale::english,
            .values = template_values{{"link", "https://sayur.example/?token=\"1\""}, {"name", "Budi"}},
            .status = status,
            .attempts = status == notification_status::sending ? 1 : 0,
            .failures = 0,
            .created_at = now_,
            .request_id = "request-1",
            .traceparent = ""};
  }
  event_key fresh_key() { return {.source = "/user-service", .id = ids_.next(), .type = "user.test"}; }
  attempt_result result_of(const notification& what, delivery_outcome::kind outcome, notification_status status,
                           std::optional<timestamp> retry_at = std::nullopt) {
    return {.id = what.id,
            .number = what.attempts,
            .ended_at = now_ + 1s,
            .outcome = {outcome, "said"},
            .status = status,
            .failures = 1,
            .retry_at = retry_at};
  }
  async::task<notification> stored(notification_store& store, notification_status status = notification_status::pending) {
    auto what = make(status);
    co_await store.receive(fresh_key(), what, now_, now_ + 20s);
    co_return what;
  }

  system_clock clock_;
  system_random random_;
  id_source ids_{clock_, random_};
  const timestamp now_ = clock_.now();
};

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
    const auto first = co_await store.receive(key, make(), now_, now_);
    const auto again = co_await store.receive(key, make(), now_, now_);
    EXPECT_EQ(first, receive_outcome::stored);
    EXPECT_EQ(again, receive_outcome::duplicate);
    const auto all = co_await store.list({});
    EXPECT_EQ(all.size(), 1U);
  });
}

TEST_P(NotificationStore, NotesAnEventThatMailsNothing) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto key = fresh_key();
    const auto first = co_await store.receive(key, std::nullopt, now_, now_);
    const auto again = co_await store.receive(key, std::nullopt, now_, now_);
    EXPECT_EQ(first, receive_outcome::stored);
    EXPECT_EQ(again, receive_outcome::duplicate);
    EXPECT_TRUE((co_await store.list({})).empty());
  });
}

TEST_P(NotificationStore, ClaimsWhatIsDueOnce) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await stored(store);
    const auto early = co_await store.claim(now_ - 1s, now_ + 19s, 10);
    const auto claimed = co_await store.claim(now_, now_ + 20s, 10);
    const auto again = co_await store.claim(now_ + 1s, now_ + 21s, 10);
    EXPECT_TRUE(early.empty());
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
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    const auto during = co_await store.claim(now_ + 19s, now_ + 39s, 10);
    const auto after = co_await store.claim(now_ + 20s, now_ + 40s, 10);
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
        const auto claimed = co_await store.claim(now_, now_ + 1h, 4);
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
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(what, delivery_outcome::kind::accepted, notification_status::sent));
    const auto found = co_await store.find(what.id);
    EXPECT_EQ(found->what.status, notification_status::sent);
    EXPECT_FALSE(found->what.values.has_value());
    EXPECT_EQ(found->attempts.at(0).outcome, "sent");
    EXPECT_EQ(found->attempts.at(0).detail, "said");
    EXPECT_EQ(found->attempts.at(0).ended_at, now_ + 1s);
    EXPECT_TRUE((co_await store.claim(now_ + 1h, now_ + 2h, 10)).empty());
  });
}

TEST_P(NotificationStore, AFailureIsDueAgainWhenItsTimeComes) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(what, delivery_outcome::kind::temporary_failure, notification_status::pending, now_ + 5s));
    EXPECT_TRUE((co_await store.claim(now_ + 4s, now_ + 1h, 10)).empty());
    const auto again = co_await store.claim(now_ + 5s, now_ + 1h, 10);
    EXPECT_EQ(again.size(), 1U);
    EXPECT_EQ(again.at(0).attempts, 2);
    EXPECT_EQ(again.at(0).failures, 1);
  });
}

TEST_P(NotificationStore, ALateFailureDoesNotUndoALaterAttempt) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    co_await store.claim(now_ + 20s, now_ + 40s, 10);
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
    EXPECT_EQ(co_await store.retry(failed.id, now_), retry_outcome::done);
    EXPECT_EQ(co_await store.retry(failed.id, now_), retry_outcome::not_failed);
    EXPECT_EQ(co_await store.retry(sent.id, now_), retry_outcome::erased);
    EXPECT_EQ(co_await store.retry(pending.id, now_), retry_outcome::not_failed);
    EXPECT_EQ(co_await store.retry(ids_.next(), now_), retry_outcome::not_found);
    const auto due = co_await store.claim(now_, now_ + 20s, 10);
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
      co_await store.receive(fresh_key(), what, now_, now_);
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

TEST_P(NotificationStore, ForgetsAUserOnceAndNobodyElse) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    auto sent = make(notification_status::sending);
    co_await store.receive(fresh_key(), sent, now_, now_ + 20s);
    co_await store.finish(result_of(sent, delivery_outcome::kind::accepted, notification_status::sent));
    auto pending = make();
    auto under_way = make(notification_status::sending);
    pending.user_id = under_way.user_id = sent.user_id;
    co_await store.receive(fresh_key(), pending, now_, now_);
    co_await store.receive(fresh_key(), under_way, now_, now_ + 20s);
    auto other = make();
    other.user_id = ids_.next();
    co_await store.receive(fresh_key(), other, now_, now_);

    const auto key = fresh_key();
    EXPECT_EQ(co_await store.forget_user(key, sent.user_id, now_ + 1s), receive_outcome::stored);
    EXPECT_EQ(co_await store.forget_user(key, other.user_id, now_ + 1s), receive_outcome::duplicate);
    for (const auto& [id, status] : {std::pair(sent.id, notification_status::sent), std::pair(pending.id, notification_status::failed),
                                     std::pair(under_way.id, notification_status::failed)}) {
      const auto found = co_await store.find(id);
      EXPECT_EQ(found->what.recipient, "");
      EXPECT_FALSE(found->what.values.has_value());
      EXPECT_EQ(found->what.status, status);
      for (const auto& each : found->attempts) EXPECT_EQ(each.detail, "");
    }
    EXPECT_EQ(co_await store.retry(pending.id, now_), retry_outcome::erased);
    co_await store.finish(result_of(under_way, delivery_outcome::kind::temporary_failure, notification_status::pending, now_ + 5s));
    const auto ended = co_await store.find(under_way.id);
    EXPECT_EQ(ended->attempts.at(0).detail, "") << "what the server said may quote the address";
    const auto due = co_await store.claim(now_ + 1h, now_ + 2h, 10);
    EXPECT_EQ(due.size(), 1U);
    EXPECT_EQ(due.at(0).id, other.id);
    EXPECT_EQ(due.at(0).recipient, other.recipient);
  });
}

TEST_P(NotificationStore, StoresNothingAboutAUserWhoWasForgotten) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto late = make(notification_status::sending);
    co_await store.forget_user(fresh_key(), late.user_id, now_);
    const auto key = fresh_key();
    EXPECT_EQ(co_await store.receive(key, late, now_, now_ + 20s), receive_outcome::forgotten);
    EXPECT_EQ(co_await store.receive(key, late, now_, now_ + 20s), receive_outcome::duplicate);
    EXPECT_FALSE((co_await store.find(late.id)).has_value());
    co_await on.execute_one({statements::prune_forgotten, {now_ + 1s, std::int64_t{10}}});
    EXPECT_EQ(co_await store.receive(fresh_key(), late, now_, now_ + 20s), receive_outcome::stored) << "its retention is over";
  });
}

TEST_P(NotificationStore, ForgetsAUserWhoseEventsArriveAtThatMoment) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    for (int round = 0; round < 50; ++round) {
      const auto what = make();
      async::task_group both(co_await boost::asio::this_coro::executor);
      both.spawn("receive", [&]() -> async::task<> { co_await store.receive(fresh_key(), what, now_, now_ + 20s); });
      both.spawn("forget", [&]() -> async::task<> { co_await store.forget_user(fresh_key(), what.user_id, now_); });
      co_await both.join();
      const auto found = co_await store.find(what.id);
      EXPECT_TRUE(!found || found->what.recipient.empty()) << "round " << round;
    }
  });
}

TEST_P(NotificationStore, ForgetsWhatIsOlderThanItsRetention) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto sent = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(sent, delivery_outcome::kind::accepted, notification_status::sent));
    const auto failed = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(failed, delivery_outcome::kind::permanent_failure, notification_status::failed));
    const auto pending = co_await stored(store);
    co_await on.execute_one({statements::erase_failed, {now_ + 1h, std::int64_t{10}}});
    EXPECT_EQ(co_await store.retry(failed.id, now_), retry_outcome::erased);
    co_await on.execute_one({statements::prune, {now_ + 1h, std::int64_t{10}}});
    const auto left = co_await store.list({});
    EXPECT_EQ(left.size(), 1U);
    EXPECT_EQ(left.at(0).id, pending.id);
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
