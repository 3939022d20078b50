// SPDX-License-Identifier: Apache-2.0
// When partitions are dropped, and what is left of those that are not.
#include "platform/events/tests/partitions_fixture.hpp"

#include <gmock/gmock.h>

namespace micro_sayur::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr sql::statement receive_later{"test_receive_later", "UPDATE inbox SET received_at = received_at + interval '1 day'"};

TEST_F(Partitions, AreDroppedWhenEveryRowIsOldAndPublished) {
  with_tables([](sql::database& on) -> async::task<> {
    co_await make(on);
    const auto waiting = event_of(around(0min));
    const auto published = event_of(around(15min));
    co_await store(on, {waiting, published});
    auto rows = outbox_on(on);
    co_await rows.mark_published({published.id});
    EXPECT_EQ(co_await drop(on, 59min), 0) << "an event was published less than an hour before";
    EXPECT_EQ(co_await drop(on, 3h), 2);
    EXPECT_EQ(co_await partition_with(on, published.id), "");
    EXPECT_THAT(co_await partitions(on, "outbox"), ElementsAre(co_await partition_with(on, waiting.id)));
    co_await rows.mark_published({waiting.id});
    EXPECT_EQ(co_await drop(on, 3h), 1);
    EXPECT_THAT(co_await partitions(on, "outbox"), IsEmpty());
  });
}

TEST_F(Partitions, WithARowThatIsStillNeededLoseTheOthersInBatches) {
  with_tables([](sql::database& on) -> async::task<> {
    co_await make(on);
    const auto waiting = event_of(around(0min));
    const auto published = event_of(around(0min));
    co_await store(on, {waiting, published});
    co_await outbox_on(on).mark_published({published.id});
    co_await on.execute_one(age_published);
    EXPECT_EQ(co_await drop(on, 3h), 2) << "the empty ones";
    EXPECT_EQ(co_await tend(on, outbox_retention(keep)[2], system_clock().now() - keep), 1);
    EXPECT_EQ(co_await partition_with(on, published.id), "");
    EXPECT_NE(co_await partition_with(on, waiting.id), "");
  });
}

TEST_F(Partitions, OfTheInboxAreKeptForWhatArrivedLate) {
  with_tables([](sql::database& on) -> async::task<> {
    co_await make(on);
    const auto id = event_of(around(0min)).id;
    co_await on.execute_one(inbox_insert("/a", id, "t"));
    co_await on.execute_one(receive_later);
    const auto dropping = inbox_retention(keep)[1];
    EXPECT_EQ(co_await tend(on, dropping, system_clock().now() + 3h), 2);
    EXPECT_NE(co_await partition_with(on, id), "");
    EXPECT_EQ(co_await tend(on, dropping, system_clock().now() + 25h), 1);
    EXPECT_EQ(co_await partition_with(on, id), "");
  });
}

TEST_F(Partitions, AreLeftWhileSomebodyHoldsTheTable) {
  with_tables([](sql::database& on) -> async::task<> {
    co_await make(on);
    {
      const auto holder = co_await on.begin();
      co_await holder->run(hold_outbox);
      EXPECT_EQ(co_await drop(on, 3h), 0);
      EXPECT_THAT(co_await partitions(on, "outbox"), SizeIs(3));
      co_await holder->commit();
    }
    EXPECT_EQ(co_await drop(on, 3h), 3);
  });
}

}  // namespace
}  // namespace micro_sayur::events
