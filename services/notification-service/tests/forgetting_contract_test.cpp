// SPDX-License-Identifier: Apache-2.0
// What the store forgets: users who were deleted, and what is old.
#include "notification-service/adapters/sql/statements.hpp"
#include "notification-service/tests/store_fixture.hpp"
#include "platform/async/runtime.hpp"
#include "platform/async/task_group.hpp"

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

class ForgettingStore : public test::store_fixture {
 protected:
  /// Ids of one millisecond are in no order.
  async::task<> a_millisecond_later() {
    for (const auto then = clock_.now(); clock_.now() < then + 2ms;) co_await async::sleep_for(1ms);
  }
};

TEST_P(ForgettingStore, ForgetsAUserOnceAndNobodyElse) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    auto sent = make(notification_status::sending);
    co_await store.receive(fresh_key(), sent, lease);
    co_await store.finish(result_of(sent, delivery_outcome::kind::accepted, notification_status::sent));
    auto pending = make();
    auto under_way = make(notification_status::sending);
    pending.user_id = under_way.user_id = sent.user_id;
    co_await store.receive(fresh_key(), pending, lease);
    co_await store.receive(fresh_key(), under_way, lease);
    auto other = make();
    other.recipient = "siti@example.com";
    co_await store.receive(fresh_key(), other, lease);

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
    EXPECT_EQ(co_await store.retry(pending.id), retry_outcome::erased);
    co_await store.finish(result_of(under_way, delivery_outcome::kind::temporary_failure, notification_status::pending, 5s));
    const auto ended = co_await store.find(under_way.id);
    EXPECT_EQ(ended->attempts.at(0).detail, "") << "what the server said may quote the address";
    co_await pass(on, 2h);
    const auto due = co_await store.claim(lease, 10);
    EXPECT_EQ(due.size(), 1U);
    EXPECT_EQ(due.at(0).id, other.id);
    EXPECT_EQ(due.at(0).recipient, other.recipient);
  });
}

TEST_P(ForgettingStore, ForgetsEarlierRegistrationsOfTheAddressToo) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    const auto abandoned = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(abandoned, delivery_outcome::kind::permanent_failure, notification_status::failed));
    const auto account = co_await stored(store);
    co_await a_millisecond_later();
    const auto deletion = fresh_key();
    co_await a_millisecond_later();
    const auto anew = co_await stored(store);
    co_await store.forget_user(deletion, account.user_id, now_ + 1s);
    for (const auto& id : {abandoned.id, account.id}) {
      const auto found = co_await store.find(id);
      EXPECT_EQ(found->what.recipient, "");
      EXPECT_FALSE(found->what.values.has_value());
      for (const auto& each : found->attempts) EXPECT_EQ(each.detail, "");
    }
    const auto kept = co_await store.find(anew.id);
    EXPECT_EQ(kept->what.recipient, anew.recipient) << "the address was registered again";
    EXPECT_EQ(kept->what.status, notification_status::pending);
  });
}

TEST_P(ForgettingStore, StoresNothingAboutAUserWhoWasForgotten) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto late = make(notification_status::sending);
    co_await store.forget_user(fresh_key(), late.user_id, now_);
    const auto key = fresh_key();
    EXPECT_EQ(co_await store.receive(key, late, lease), receive_outcome::forgotten);
    EXPECT_EQ(co_await store.receive(key, late, lease), receive_outcome::duplicate);
    EXPECT_FALSE((co_await store.find(late.id)).has_value());
    co_await on.execute_one({statements::prune_forgotten, {now_ + 1s, std::int64_t{10}}});
    EXPECT_EQ(co_await store.receive(fresh_key(), late, lease), receive_outcome::stored) << "its retention is over";
  });
}

TEST_P(ForgettingStore, ForgetsAUserWhoseEventsArriveAtThatMoment) {
  with_store([this](notification_store& store, sql::database&) -> async::task<> {
    for (int round = 0; round < 50; ++round) {
      const auto what = make();
      async::task_group both(co_await boost::asio::this_coro::executor);
      both.spawn("receive", [&]() -> async::task<> { co_await store.receive(fresh_key(), what, lease); });
      both.spawn("forget", [&]() -> async::task<> { co_await store.forget_user(fresh_key(), what.user_id, now_); });
      co_await both.join();
      const auto found = co_await store.find(what.id);
      EXPECT_TRUE(!found || found->what.recipient.empty()) << "round " << round;
    }
  });
}

TEST_P(ForgettingStore, ForgetsWhatIsOlderThanItsRetention) {
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    const auto sent = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(sent, delivery_outcome::kind::accepted, notification_status::sent));
    const auto failed = co_await stored(store, notification_status::sending);
    co_await store.finish(result_of(failed, delivery_outcome::kind::permanent_failure, notification_status::failed));
    const auto pending = co_await stored(store);
    co_await on.execute_one({statements::erase_failed, {now_ + 1h, std::int64_t{10}}});
    EXPECT_EQ(co_await store.retry(failed.id), retry_outcome::erased);
    co_await on.execute_one({statements::prune, {now_ + 1h, std::int64_t{10}}});
    const auto left = co_await store.list({});
    EXPECT_EQ(left.size(), 1U);
    EXPECT_EQ(left.at(0).id, pending.id);
  });
}

TEST_P(ForgettingStore, LeavesWhatIsTriedAgainMeanwhile) {
  if (!is_postgres()) GTEST_SKIP() << "a single writer";
  with_store([this](notification_store& store, sql::database& on) -> async::task<> {
    for (const auto* forget : {&statements::erase_failed, &statements::prune}) {
      const auto what = co_await stored(store, notification_status::sending);
      co_await store.finish(result_of(what, delivery_outcome::kind::permanent_failure, notification_status::failed));
      const sql::call retry{statements::retry, {what.id}};
      const auto forgotten = co_await sql::contract::changed_after(on, retry, {*forget, {now_ + 1h, std::int64_t{10}}});
      EXPECT_EQ(forgotten, 0) << forget->name;
    }
    for (const auto& each : co_await store.list({})) EXPECT_TRUE(each.values);
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, ForgettingStore, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::notification_service
