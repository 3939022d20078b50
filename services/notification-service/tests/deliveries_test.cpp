// SPDX-License-Identifier: Apache-2.0
// How events become mails, and what one mail's refusal does.
#include "notification-service/domain/retry_schedule.hpp"
#include "notification-service/tests/deliveries_fixture.hpp"

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using kind = delivery_outcome::kind;

class Deliveries : public test::deliveries_fixture {};

TEST_F(Deliveries, SendAnEventAtOnceAndOnce) {
  run([this](deliver_notifications& deliveries) -> async::task<> {
    receive_event receive(store_, deliveries, clock_);
    const auto event = make_event();
    const auto first = co_await receive(event);
    const auto again = co_await receive(event);
    EXPECT_EQ(first, receive_outcome::stored);
    EXPECT_EQ(again, receive_outcome::duplicate);
    co_await eventually([&] { return store_.only().what.status == notification_status::sent; });
    EXPECT_EQ(sender_.mails.size(), 1U);
    EXPECT_EQ(sender_.mails.at(0).id, store_.only().what.id) << "Message-ID comes from the notification";
    EXPECT_EQ(sender_.mails.at(0).to, (mailbox{.name = "Budi", .address = "budi@example.com"}));
    EXPECT_FALSE(store_.only().what.values) << "links hold tokens";
    EXPECT_EQ(observer_.attempts, 1);
  });
}

TEST_F(Deliveries, OfAnEventThatWasForgottenHaveTheSameMessageId) {
  run([this](deliver_notifications& deliveries) -> async::task<> {
    receive_event receive(store_, deliveries, clock_);
    auto event = make_event();
    event.time = clock_.now() - 5s;
    co_await receive(event);
    co_await eventually([&] { return sender_.mails.size() == 1; });
    store_.seen.clear();
    store_.rows.clear();
    clock_.advance(10min);
    EXPECT_EQ(co_await receive(event), receive_outcome::stored);
    co_await eventually([&] { return sender_.mails.size() == 2; });
  });
  EXPECT_EQ(sender_.mails.at(0).id, sender_.mails.at(1).id);
}

TEST_F(Deliveries, GiveUpAMailWhoseOutcomesAreNeverStored) {
  auto lost = make_pending();
  lost.status = notification_status::sending;
  lost.failures = most_failures - 1;
  store_.add(lost, clock_.now());
  run([&](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return store_.only().what.status == notification_status::failed; });
  });
  EXPECT_TRUE(sender_.mails.empty());
}

TEST_F(Deliveries, NoteAnEventThatMailsNothing) {
  run([this](deliver_notifications& deliveries) -> async::task<> {
    receive_event receive(store_, deliveries, clock_);
    const auto outcome = co_await receive(make_event(std::nullopt));
    EXPECT_EQ(outcome, receive_outcome::stored);
    EXPECT_TRUE(store_.rows.empty());
    EXPECT_EQ(store_.seen.size(), 1U);
  });
}

TEST_F(Deliveries, SendNothingFurtherToAUserWhoWasDeleted) {
  auto waiting = make_pending();
  store_.add(waiting, clock_.now() + 1h);
  run([&](deliver_notifications& deliveries) -> async::task<> {
    receive_event receive(store_, deliveries, clock_);
    auto deletion = make_event(std::nullopt);
    deletion.user_deleted = true;
    deletion.user_id = waiting.user_id;
    EXPECT_EQ(co_await receive(deletion), receive_outcome::stored);
    EXPECT_EQ(co_await receive(deletion), receive_outcome::duplicate);
    clock_.advance(2h);
    deliveries.start();
    receive_event after(store_, deliveries, clock_);
    auto late = make_event();
    late.user_id = waiting.user_id;
    EXPECT_EQ(co_await after(late), receive_outcome::forgotten);
    co_await after(make_event());
    co_await eventually([&] { return sender_.mails.size() == 1; });
  });
  EXPECT_EQ(sender_.mails.size(), 1U);
  EXPECT_EQ(store_.rows.at(waiting.id).what.recipient, "");
}

TEST_F(Deliveries, LetTheStoresFailureReachTheEvent) {
  run([this](deliver_notifications& deliveries) -> async::task<> {
    receive_event receive(store_, deliveries, clock_);
    store_.failing = 1;
    bool failed = false;
    try {
      co_await receive(make_event());
    } catch (const std::runtime_error&) {
      failed = true;
    }
    EXPECT_TRUE(failed);
    EXPECT_TRUE(sender_.mails.empty()) << "nothing is sent that is not stored";
  });
}

TEST_F(Deliveries, ClaimWhatIsDue) {
  for (int i = 0; i < 7; ++i) store_.add(make_pending(), clock_.now());
  store_.add(make_pending(), clock_.now() + 1h);
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return sender_.mails.size() == 7; });
    co_await async::sleep_for(20ms);
    EXPECT_EQ(sender_.mails.size(), 7U);
    clock_.advance(1h);
    co_await eventually([&] { return sender_.mails.size() == 8; });
  });
}

TEST_F(Deliveries, KeepToTheirPlaces) {
  std::size_t under_way = 0;
  std::size_t most = 0;
  sender_.before_answer = [&]() -> async::task<> {
    most = std::max(most, ++under_way);
    co_await async::sleep_for(3ms);
    --under_way;
  };
  for (int i = 0; i < 9; ++i) store_.add(make_pending(), clock_.now());
  run([&](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return sender_.mails.size() == 9; });
  });
  EXPECT_EQ(most, 2U);
}

TEST_F(Deliveries, TryAgainWhenTheServerRefusesForTheTimeBeing) {
  sender_.outcomes = {{kind::temporary_failure, "451 later"}};
  store_.add(make_pending(), clock_.now());
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return store_.only().what.failures == 1; });
    EXPECT_EQ(store_.only().what.status, notification_status::pending);
    EXPECT_FALSE(deliveries.mail_server_lost());
    clock_.advance(2s);
    co_await eventually([&] { return store_.only().what.status == notification_status::sent; });
    EXPECT_EQ(sender_.mails.at(0).id, sender_.mails.at(1).id);
  });
}

TEST_F(Deliveries, GiveUpWhatIsRefusedForGood) {
  sender_.outcomes = {{kind::permanent_failure, "550 no"}};
  store_.add(make_pending(), clock_.now());
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return store_.only().what.status == notification_status::failed; });
    EXPECT_TRUE(store_.only().what.values) << "somebody may want it tried again";
    EXPECT_FALSE(store_.only().due_at);
  });
}

TEST_F(Deliveries, GiveUpWhatCannotBeRendered) {
  auto what = make_pending();
  what.values->emplace("bad", "");
  store_.add(what, clock_.now());
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return store_.only().what.status == notification_status::failed; });
    EXPECT_TRUE(sender_.mails.empty());
  });
}

}  // namespace
}  // namespace micro_sayur::notification_service
