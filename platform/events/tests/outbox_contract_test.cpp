// SPDX-License-Identifier: Apache-2.0
#include "platform/events/tests/outbox_fixture.hpp"
#include "platform/sql/prune.hpp"

namespace micro_sayur::events {
namespace {

using sql::contract::failure_of;

constexpr sql::statement count_rows{"test_count_outbox", "SELECT count(*) FROM outbox"};
constexpr sql::statement age_published{"test_age_published", "UPDATE outbox SET published_at = $1 WHERE published_at IS NOT NULL"};
constexpr sql::statement age_received{"test_age_received", "UPDATE inbox SET received_at = $1"};
constexpr sql::statement count_inbox{"test_count_inbox", "SELECT count(*) FROM inbox"};

class OutboxContract : public tables_contract {
 protected:
  void with_tables(std::function<async::task<>(sql::database&)> body) {
    tables_contract::with_tables([body](sql::database& on, async::executor) -> async::task<> { co_await body(on); });
  }

  const system_clock clock_;
};

async::task<std::int64_t> count(sql::database& on, const sql::statement& what) {
  const auto found = co_await on.query(what);
  co_return found[0].get<std::int64_t>(0);
}

TEST_P(OutboxContract, ClaimsWhatWasStored) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto event = make_event(1);
    co_await store(on, {event});
    auto rows = outbox_on(on);
    const auto claimed = co_await rows.claim(10s, 10);
    EXPECT_EQ(claimed.events, std::vector{event});
  });
}

TEST_P(OutboxContract, ClaimsTheOldestAndAtMostTheLimit) {
  with_tables([this](sql::database& on) -> async::task<> {
    std::vector<cloud_event> events;
    for (int i = 0; i < 10; ++i) {
      events.push_back(make_event(i));
      events.back().id = uuid::version_7(clock_.now() - std::chrono::seconds(60 - i), std::array<std::uint8_t, 10>{});
    }
    co_await store(on, events);
    auto rows = outbox_on(on);
    const auto claimed = co_await rows.claim(10s, 3);
    EXPECT_EQ(claimed.events, std::vector(events.begin(), events.begin() + 3));
  });
}

TEST_P(OutboxContract, ClaimsAgainOnlyWhenTheLeaseIsOver) {
  with_tables([](sql::database& on) -> async::task<> {
    co_await store(on, {make_event(1)});
    auto rows = outbox_on(on);
    const auto first = co_await rows.claim(1h, 10);
    co_await pass(on, 50min);
    const auto during = co_await rows.claim(1h, 10);
    co_await pass(on, 10min);
    const auto after = co_await rows.claim(1h, 10);
    EXPECT_EQ(first.events.size(), 1U);
    EXPECT_TRUE(during.events.empty());
    EXPECT_EQ(after.events, first.events);
  });
}

TEST_P(OutboxContract, WhatIsPublishedIsNotClaimed) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto event = make_event(1);
    co_await store(on, {event, make_event(2)});
    auto rows = outbox_on(on);
    co_await rows.mark_published({event.id});
    EXPECT_EQ(co_await count_published(on), 1);
    const auto left = co_await rows.claim(10s, 10);
    EXPECT_EQ(left.events.size(), 1U);
    auto old = make_event(3);
    old.time -= 30s;
    co_await store(on, {old});
    const auto backlog = co_await rows.backlog();
    EXPECT_EQ(backlog.events, 2);
    EXPECT_GE(backlog.oldest_age, 30s);
  });
}

constexpr sql::statement add_plain{
    "test_add_plain",
    "INSERT INTO outbox (id, type, subject, sequence, traceparent, request_id, dataschema, data, created_at, claimed_until)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"};
constexpr sql::statement count_plain{"test_count_plain", "SELECT count(*) FROM outbox WHERE data IS NOT NULL"};
constexpr sql::statement find_payload{"test_find_payload", "SELECT payload FROM outbox WHERE id = $1"};

TEST_P(OutboxContract, PublishesWhatAnEarlierVersionWroteAndErasesItsData) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto event = make_event(1);
    co_await on.execute_one({add_plain,
                             {event.id, event.type, *uuid::parse(event.subject), event.sequence, event.traceparent, event.request_id,
                              event.dataschema, event.data, event.time}});
    auto rows = outbox_on(on);
    const auto claimed = co_await rows.claim(10s, 10);
    EXPECT_EQ(claimed.events, std::vector{event});
    co_await rows.mark_published({event.id});
    EXPECT_EQ(co_await count(on, count_plain), 0);
  });
}

TEST_P(OutboxContract, KeepsTheDataSealedAndBoundToItsRow) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto event = make_event(1);
    co_await store(on, {event});
    auto rows = outbox_on(on);
    co_await rows.mark_published({event.id});
    EXPECT_EQ(co_await count(on, count_plain), 0);
    const auto found = co_await on.query({find_payload, {event.id}});
    const auto payload = found[0].get<sql::bytes>(0);
    EXPECT_EQ(std::string(payload.begin(), payload.end()).find("Budi"), std::string::npos);
    EXPECT_EQ(test_seal().open(event.id, payload), event.data);
    EXPECT_FALSE(test_seal().open(make_event(2).id, payload));
  });
}

TEST_P(OutboxContract, NamesWhatItCannotOpenUntilTheSecretIsBack) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto event = make_event(1);
    co_await store(on, {event});
    const auto other = seal_under({'b'});
    outbox without(on, other, "/test");
    const auto refused = co_await without.claim(1h, 10);
    EXPECT_TRUE(refused.events.empty());
    EXPECT_EQ(refused.unreadable, std::vector{event.id});
    co_await pass(on, 1h);
    const auto rotated = seal_under({'b', 'a'});
    outbox with(on, rotated, "/test");
    const auto claimed = co_await with.claim(1h, 10);
    EXPECT_EQ(claimed.events, std::vector{event});
  });
}

TEST_P(OutboxContract, ForgetsASubjectWhateverBecameOfItsEvents) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto published = make_event(1);
    const auto waiting = make_event(2);
    auto other = make_event(3);
    other.subject = "0193552a-5c57-7a3e-8f3b-ba9876543211";
    co_await store(on, {published, waiting, other});
    auto rows = outbox_on(on);
    co_await rows.mark_published({published.id});
    co_await on.execute_one({forget_subject, {*uuid::parse(published.subject)}});
    EXPECT_EQ(co_await count(on, count_rows), 1);
    const auto claimed = co_await rows.claim(10s, 10);
    EXPECT_EQ(claimed.events, std::vector{other});
  });
}

TEST_P(OutboxContract, ReleasedEventsAreClaimedAgainAfterThePause) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto event = make_event(1);
    co_await store(on, {event});
    auto rows = outbox_on(on);
    const auto held = co_await rows.claim(1h, 10);
    co_await rows.release({event.id}, held.lease, 30min);
    co_await pass(on, 20min);
    const auto early = co_await rows.claim(1h, 10);
    co_await pass(on, 10min);
    const auto later = co_await rows.claim(1h, 10);
    EXPECT_TRUE(early.events.empty());
    EXPECT_EQ(later.events.size(), 1U);
  });
}

TEST_P(OutboxContract, OnlyWhoHoldsTheLeaseGivesBack) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto event = make_event(1);
    co_await store(on, {event});
    auto rows = outbox_on(on);
    const auto slow = co_await rows.claim(1h, 10);
    co_await pass(on, 1h);
    const auto next = co_await rows.claim(1h, 10);
    co_await rows.release({event.id}, slow.lease, 0s);
    const auto stolen = co_await rows.claim(1h, 10);
    EXPECT_EQ(next.events.size(), 1U);
    EXPECT_TRUE(stolen.events.empty()) << "the slow one no longer held it";
  });
}

TEST_P(OutboxContract, SharesTheEventsOutAmongThoseWhoClaimAtOnce) {
  with_tables([](sql::database& on) -> async::task<> {
    std::vector<cloud_event> events;
    for (int i = 0; i < 200; ++i) events.push_back(make_event(i));
    co_await store(on, events);
    auto rows = outbox_on(on);
    std::map<uuid, int> times;
    async::task_group claimers(co_await boost::asio::this_coro::executor);
    const std::function<async::task<>()> claim = [&]() -> async::task<> {
      while (true) {
        const auto claimed = co_await rows.claim(1h, 7);
        if (claimed.events.empty()) co_return;
        for (const auto& event : claimed.events) ++times[event.id];
      }
    };
    for (int i = 0; i < 6; ++i) claimers.spawn("claim", claim);
    co_await claimers.join();
    // A claim that ran into the rows of others may have found none; what is left is claimed now.
    co_await claim();
    EXPECT_EQ(times.size(), events.size());
    for (const auto& [id, taken] : times) EXPECT_EQ(taken, 1) << id.to_string();
  });
}

TEST_P(OutboxContract, RefusesASubjectThatIsNoUuid) {
  auto event = make_event(1);
  event.subject = "somebody";
  EXPECT_THROW(outbox_insert(event, {}), std::invalid_argument);
}

TEST_P(OutboxContract, InboxTakesAnEventOnce) {
  with_tables([](sql::database& on) -> async::task<> {
    const auto event = make_event(1);
    co_await on.execute_one(inbox_insert("/a", event.id, event.type));
    co_await on.execute_one(inbox_insert("/b", event.id, event.type));
    bool duplicate = false;
    try {
      co_await on.execute_one(inbox_insert("/a", event.id, event.type));
    } catch (const sql::unique_violation& violation) {
      duplicate = is_duplicate(violation);
    }
    EXPECT_TRUE(duplicate);
    EXPECT_EQ(co_await count(on, count_inbox), 2);
  });
}

TEST_P(OutboxContract, PrunesWhatIsOldInBatches) {
  with_tables([this](sql::database& on) -> async::task<> {
    std::vector<cloud_event> events;
    for (int i = 0; i < 25; ++i) events.push_back(make_event(i));
    co_await store(on, events);
    auto rows = outbox_on(on);
    std::vector<uuid> old;
    for (int i = 0; i < 20; ++i) old.push_back(events[static_cast<std::size_t>(i)].id);
    co_await rows.mark_published(old);
    co_await on.execute_one(inbox_insert("/a", events[0].id, "t"));
    co_await on.execute_one({age_published, {clock_.now() - 2h}});
    co_await on.execute_one({age_received, {clock_.now() - 2h}});
    co_await rows.mark_published({events[20].id});
    co_await on.execute_one(inbox_insert("/a", events[1].id, "t"));

    async::task_group pruner(co_await boost::asio::this_coro::executor);
    auto all = outbox_retention(1h);
    std::ranges::copy(inbox_retention(1h), std::back_inserter(all));
    pruner.spawn("pruner", [&] { return sql::prune_forever(on, all, {.batch = 6, .between_batches = 1ms}); });
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (co_await count(on, count_inbox) > 1 && std::chrono::steady_clock::now() < end) co_await async::sleep_for(2ms);
    EXPECT_EQ(co_await count(on, count_rows), 5);
    EXPECT_EQ(co_await count(on, count_inbox), 1);
    pruner.cancel();
    co_await pruner.join();
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, OutboxContract, testing::Values("postgres", "sqlite"), [](const auto& given) { return given.param; });

}  // namespace
}  // namespace micro_sayur::events
