// SPDX-License-Identifier: Apache-2.0
#include "platform/events/replay.hpp"

#include "platform/events/tests/outbox_fixture.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::events {
namespace {

constexpr sql::statement set_published{"test_set_published", "UPDATE outbox SET published_at = $2 WHERE id = $1"};

class ReplayContract : public tables_contract {
 protected:
  async::task<> store_published(sql::database& on, const cloud_event& what, std::chrono::microseconds ago) {
    co_await store(on, {what});
    co_await on.execute_one({set_published, {what.id, now_ - ago}});
  }

  const timestamp now_ = system_clock().now();
};

TEST_P(ReplayContract, PublishesAgainUnderTheSameIdsWhatWasPublishedSince) {
  with_tables([this](sql::database& on, async::executor where) -> async::task<> {
    const auto before = make_event(1);
    const auto first = make_event(2);
    const auto second = make_event(3);
    co_await store_published(on, before, 11min);
    co_await store_published(on, first, 10min);
    co_await store_published(on, second, 5min);
    const auto outcome = co_await replay_published(on, test_seal(), now_ - 10min, now_);
    EXPECT_EQ(outcome.events, 2);
    EXPECT_THAT(outcome.unreadable, testing::IsEmpty());
    counting_publisher to;
    running_relay relay(where, on, to);
    co_await until_published(on, 3);
    co_await relay.works.stop();
    EXPECT_EQ(to.last, (std::map<std::int64_t, cloud_event>{{2, first}, {3, second}}));
  });
}

TEST_P(ReplayContract, CountsWhatWaitsAndWasMadeSince) {
  with_tables([this](sql::database& on, async::executor) -> async::task<> {
    co_await store_published(on, make_event(1), 1min);
    co_await store(on, {make_event(2)});
    EXPECT_EQ(co_await count_waiting(on, now_ - 1s), 1);
    co_await replay_published(on, test_seal(), now_ - 10min, now_);
    EXPECT_EQ(co_await count_waiting(on, now_ - 1s), 2);
    EXPECT_EQ(co_await count_waiting(on, now_ + 1min), 0);
  });
}

TEST_P(ReplayContract, EndsBesideARelayThatPublishesAtOnce) {
  with_tables([this](sql::database& on, async::executor where) -> async::task<> {
    for (std::int64_t i = 0; i < 25; ++i) co_await store_published(on, make_event(i), 1min);
    counting_publisher to;
    running_relay relay(where, on, to, {.poll = 1ms});
    const auto outcome = co_await replay_published(on, test_seal(), now_ - 1h, now_, {.batch = 4, .between_batches = 5ms});
    EXPECT_EQ(outcome.events, 25);
    co_await until_published(on, 25);
    co_await relay.works.stop();
    for (const auto& [sequence, times] : to.times) EXPECT_EQ(times, 1) << sequence;
    EXPECT_EQ(to.times.size(), 25U);
  });
}

TEST_P(ReplayContract, LeavesWhatItCannotOpenAndNamesIt) {
  with_tables([this](sql::database& on, async::executor) -> async::task<> {
    const auto lost = make_event(1);
    const auto kept = make_event(2);
    co_await store_published(on, lost, 1min);
    co_await store_published(on, kept, 1min);
    static constexpr sql::statement reseal{"test_reseal", "UPDATE outbox SET payload = $2 WHERE id = $1"};
    co_await on.execute_one({reseal, {lost.id, seal_under({'z'}).seal(lost.id, lost.data)}});
    const auto outcome = co_await replay_published(on, test_seal(), now_ - 1h, now_, {.batch = 1, .between_batches = 0ms});
    EXPECT_EQ(outcome.events, 1);
    EXPECT_THAT(outcome.unreadable, testing::ElementsAre(lost.id));
    EXPECT_EQ(co_await count_published(on), 1);
    const auto both = seal_under({'a', 'z'});
    const auto again = co_await replay_published(on, both, now_ - 1h, now_ + 1s);
    EXPECT_EQ(again.events, 1) << "the secret is back";
  });
}

TEST_P(ReplayContract, LeavesWhatWaitsAndWhatHasNoPayload) {
  with_tables([this](sql::database& on, async::executor) -> async::task<> {
    co_await store(on, {make_event(1)});
    const auto emptied = make_event(2);
    co_await store_published(on, emptied, 1min);
    static constexpr sql::statement empty{"test_empty", "UPDATE outbox SET payload = NULL WHERE id = $1"};
    co_await on.execute_one({empty, {emptied.id}});
    const auto outcome = co_await replay_published(on, test_seal(), now_ - 1h, now_);
    EXPECT_EQ(outcome.events, 0);
    EXPECT_EQ(co_await count_published(on), 1);
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, ReplayContract, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

TEST(PayloadSeal, LeavesPlainWhatNeedsNoSecret) {
  const payload_seal without = seal_under({});
  const auto event = make_event(1);
  EXPECT_EQ(without.open(event.id, payload_seal::leave_plain(event.data)), event.data);
  EXPECT_FALSE(without.open(event.id, {}));
}

}  // namespace
}  // namespace micro_sayur::events
