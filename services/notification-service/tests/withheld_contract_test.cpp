// SPDX-License-Identifier: Apache-2.0
// What the store does with mails that are withheld.
#include "notification-service/adapters/sql/statements.hpp"
#include "notification-service/tests/store_fixture.hpp"
#include "platform/async/task_group.hpp"

#include <algorithm>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using kind = delivery_outcome::kind;

class WithheldNotifications : public test::store_fixture {
 protected:
  async::task<notification> withheld(notification_store& store) {
    auto what = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(what, kind::withheld, notification_status::withheld));
    co_return what;
  }
};

TEST_P(WithheldNotifications, KeepTheirValuesAndAreNotDue) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto what = co_await withheld(store);
    co_await pass(on, 10h);
    EXPECT_TRUE((co_await store.claim(lease, 10)).empty());
    EXPECT_EQ(co_await store.longest_overdue(), 0s);
    const auto found = co_await store.find(what.id);
    EXPECT_EQ(found->what.status, notification_status::withheld);
    EXPECT_EQ(found->what.values, what.values);
    EXPECT_FALSE(found->what.released);
    EXPECT_EQ(found->attempts.at(0).outcome, "withheld");
    const auto listed = co_await store.list({.status = notification_status::withheld});
    EXPECT_EQ(listed.size(), 1U);
    EXPECT_EQ(co_await store.retry(what.id), retry_outcome::withheld);
  });
}

TEST_P(WithheldNotifications, AreReleasedOnce) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await withheld(store);
    const auto other = co_await withheld(store);
    const auto failed = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(failed, kind::permanent_failure, notification_status::failed));
    EXPECT_EQ(co_await store.release({what.id, failed.id, ids_.next()}), 1);
    EXPECT_EQ(co_await store.release({what.id}), 0);
    EXPECT_EQ(co_await store.release({}), 0);
    const auto due = co_await store.claim(lease, 10);
    EXPECT_EQ(due.size(), 1U);
    EXPECT_EQ(due.at(0).id, what.id);
    EXPECT_TRUE(due.at(0).released);
    EXPECT_EQ(due.at(0).values, what.values);
    EXPECT_EQ((co_await store.find(other.id))->what.status, notification_status::withheld);
  });
}

TEST_P(WithheldNotifications, AreTakenByOneSenderHoweverOftenTheyAreReleased) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    std::vector<uuid> ids;
    for (int i = 0; i < 40; ++i) ids.push_back((co_await withheld(store)).id);
    std::map<uuid, int> times;
    std::int64_t released = 0;
    const std::function<async::task<>()> claim = [&]() -> async::task<> {
      for (int i = 0; i < 20; ++i)
        for (const auto& each : co_await store.claim(lease, 4)) ++times[each.id];
    };
    const std::function<async::task<>()> release = [&]() -> async::task<> {
      const auto count = co_await store.release(ids);
      released += count;
    };
    async::task_group all(co_await boost::asio::this_coro::executor);
    for (int i = 0; i < 2; ++i) all.spawn("release", release);
    for (int i = 0; i < 3; ++i) all.spawn("claim", claim);
    co_await all.join();
    co_await claim();
    EXPECT_EQ(released, 40);
    EXPECT_EQ(times.size(), 40U);
    for (const auto& [id, taken] : times) EXPECT_EQ(taken, 1) << id.to_string();
  });
}

TEST_P(WithheldNotifications, AreErasedWithTheirUser) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await withheld(store);
    co_await store.forget_user(fresh_key(), what.user_id, now_ + 1s);
    const auto found = co_await store.find(what.id);
    EXPECT_EQ(found->what.status, notification_status::failed);
    EXPECT_EQ(found->what.recipient, "");
    EXPECT_FALSE(found->what.values);
    EXPECT_EQ(co_await store.release({what.id}), 0);
  });
}

TEST_P(WithheldNotifications, OfAUserWhoIsForgottenDuringTheAttemptStayErased) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto what = co_await stored(store, notification_status::sending);
    co_await store.forget_user(fresh_key(), what.user_id, now_ + 1s);
    co_await store.finish(result_of(what, kind::withheld, notification_status::withheld));
    EXPECT_EQ((co_await store.find(what.id))->what.status, notification_status::failed);
  });
}

TEST_P(WithheldNotifications, AreGivenUpWhenTheyAreOld) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto what = co_await withheld(store);
    co_await on.execute_one({statements::give_up_withheld, {now_, std::int64_t{10}}});
    EXPECT_EQ((co_await store.find(what.id))->what.status, notification_status::withheld) << "not older than that";
    const auto given_up = co_await on.execute_one({statements::give_up_withheld, {now_ + 1h, std::int64_t{10}}});
    EXPECT_EQ(given_up.affected(), 1);
    const auto found = co_await store.find(what.id);
    EXPECT_EQ(found->what.status, notification_status::failed);
    EXPECT_FALSE(found->what.values);
    EXPECT_EQ(co_await store.retry(what.id), retry_outcome::erased);
    co_await on.execute_one({statements::prune, {now_ + 1h, std::int64_t{10}}});
    EXPECT_FALSE((co_await store.find(what.id)).has_value());
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, WithheldNotifications, testing::Values("postgres", "sqlite"),
                         [](const auto& given) { return given.param; });

class WithheldMigration : public sql::contract::DatabaseContract {};

TEST_P(WithheldMigration, KeepsWhatWasThere) {
  on_database([this](sql::database& on) -> async::task<> {
    const auto all = is_postgres() ? postgres_migrations : sqlite_migrations;
    const auto version = std::int64_t{is_postgres() ? 5 : 6};
    const auto until = std::ranges::find(all, version, &sql::migration::version);
    co_await sql::migrate(on, service_name, {all.begin(), until});
    static constexpr sql::statement add{
        "test_add",
        "INSERT INTO notifications (id, kind, user_id, recipient, recipient_key, locale, data, status, attempts, failures, created_at,"
        " updated_at, request_id, traceparent) VALUES ($1, 'password_changed', $1, 'Budi@example.com', 'budi@example.com', 'id', '{}',"
        " 'failed', 1, 1, $2, $2, 'r', '')"};
    static constexpr sql::statement add_attempt{
        "test_add_attempt", "INSERT INTO notification_attempts (notification_id, number, started_at, detail) VALUES ($1, 1, $2, 'said')"};
    const system_clock clock;
    system_random random;
    const auto id = id_source(clock, random).next();
    co_await on.execute_one({add, {id, clock.now()}});
    co_await on.execute_one({add_attempt, {id, clock.now()}});
    co_await sql::migrate(on, service_name, all);
    const auto store = make_sql_notification_store(on);
    const auto found = co_await store->find(id);
    EXPECT_EQ(found->what.recipient, "Budi@example.com");
    EXPECT_FALSE(found->what.released);
    EXPECT_EQ(found->attempts.at(0).detail, "said");
    static constexpr sql::statement remove{"test_remove", "DELETE FROM notifications WHERE id = $1"};
    co_await on.execute_one({remove, {id}});
    static constexpr sql::statement count{"test_count", "SELECT count(*) FROM notification_attempts"};
    EXPECT_EQ((co_await on.query(count))[0].get<std::int64_t>(0), 0) << "attempts go with their notification";
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, WithheldMigration, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::notification_service
