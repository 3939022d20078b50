// SPDX-License-Identifier: Apache-2.0
// What deliveries do while the mail server or the store is away, and when they stop.
#include "notification-service/tests/deliveries_fixture.hpp"

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using kind = delivery_outcome::kind;

class DeliveryOutages : public test::deliveries_fixture {};

TEST_F(DeliveryOutages, StopConsumingWhileTheMailServerIsAway) {
  sender_.outcomes = {{kind::unavailable, "refused"}};
  sender_.there = false;
  store_.add(make_pending(), clock_.now());
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return sender_.probes >= 2; });
    EXPECT_TRUE(deliveries.mail_server_lost());
    EXPECT_EQ(intake_.paused, 1);
    EXPECT_EQ(intake_.resumed, 0);
    const auto place = co_await deliveries.take_place(std::chrono::steady_clock::now() + 1h);
    EXPECT_EQ(place, nullptr);
    store_.add(make_pending(), clock_.now());
    co_await async::sleep_for(20ms);
    EXPECT_EQ(sender_.mails.size(), 1U) << "nothing is attempted meanwhile";
    sender_.there = true;
    clock_.advance(2s);
    co_await eventually([&] { return sender_.mails.size() == 3; });
    EXPECT_EQ(intake_.resumed, 1);
    EXPECT_EQ(observer_.lost, 1);
    EXPECT_EQ(observer_.found, 1);
  });
}

TEST_F(DeliveryOutages, AMailThatBreaksItsConnectionStopsNobodyElse) {
  sender_.outcomes = {{kind::unavailable, "connection reset"}};
  store_.add(make_pending(), clock_.now());
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return store_.only().what.failures == 1; });
    EXPECT_EQ(store_.only().what.status, notification_status::pending);
    EXPECT_EQ(intake_.paused, 0);
    EXPECT_EQ(observer_.lost, 0);
  });
}

TEST_F(DeliveryOutages, AMailThatKeepsTheServerWaitingFailsAtLastAndStopsNobodyElse) {
  constexpr auto deadline = 15s;  // of the sender
  store_.add(make_pending(), clock_.now());
  sender_.before_answer = [&]() -> async::task<> {
    clock_.advance(deadline);
    sender_.outcomes = {{kind::unavailable, "timed out"}};
    co_return;
  };
  run([&](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    for (std::int64_t failures = 1; failures <= most_failures; ++failures) {
      co_await eventually([&] { return store_.only().what.failures == failures; });
      EXPECT_LT(deadline + sender_.patience, quick().lease) << "nobody else takes the mail up meanwhile";
      clock_.advance(6h);
      deliveries.wake();
    }
    EXPECT_EQ(store_.only().what.status, notification_status::failed);
  });
  EXPECT_EQ(std::ssize(sender_.mails), most_failures);
  EXPECT_EQ(intake_.paused, 0);
  EXPECT_EQ(observer_.lost, 0);
}

TEST_F(DeliveryOutages, AServerThatKeepsAMailWaitingAndDoesNotAnswerOtherwiseIsLost) {
  store_.add(make_pending(), clock_.now());
  sender_.there = false;
  sender_.outcomes = {{kind::unavailable, "timed out"}};
  sender_.before_answer = [&]() -> async::task<> {
    clock_.advance(15s);
    co_return;
  };
  run([&](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return deliveries.mail_server_lost(); });
    co_await eventually([&] { return store_.only().due_at != std::nullopt && sender_.probes >= 2; });
    EXPECT_GT(sender_.patience, quick().short_patience) << "a slow server must be found again";
    EXPECT_EQ(store_.only().what.failures, 0) << "it is not the mail's fault";
    EXPECT_EQ(intake_.paused, 1);
  });
}

TEST_F(DeliveryOutages, DoNotForgetAnOutcomeWhileTheStoreIsAway) {
  store_.add(make_pending(), clock_.now());
  sender_.before_answer = [this]() -> async::task<> {
    store_.failing = 2;
    co_return;
  };
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return store_.only().what.status == notification_status::sent; });
    EXPECT_EQ(sender_.mails.size(), 1U);
  });
}

TEST_F(DeliveryOutages, TryOnToRecordAnOutcomeWhenTheyStop) {
  store_.add(make_pending(), clock_.now());
  sender_.before_answer = [this]() -> async::task<> {
    store_.failing = 3;
    co_return;
  };
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return sender_.mails.size() == 1; });
  });
  EXPECT_EQ(store_.only().what.status, notification_status::sent) << "otherwise it would be sent again";
}

TEST_F(DeliveryOutages, TellWhoseOutcomeWasLostWhenTheStoreStaysAway) {
  store_.add(make_pending(), clock_.now());
  sender_.before_answer = [this]() -> async::task<> {
    store_.failing = std::numeric_limits<int>::max();
    co_return;
  };
  auto settings = quick();
  settings.longest_wait_while_stopping = 50ms;
  run(
      [this](deliver_notifications& deliveries) -> async::task<> {
        deliveries.start();
        co_await eventually([&] { return sender_.mails.size() == 1; });
      },
      settings);
  EXPECT_EQ(observer_.lost_outcomes, std::vector{store_.only().what.id});
}

TEST_F(DeliveryOutages, WaitForWhatIsOnItsWayWhenTheyStop) {
  store_.add(make_pending(), clock_.now());
  sender_.before_answer = [] { return async::sleep_for(20ms); };
  run([this](deliver_notifications& deliveries) -> async::task<> {
    deliveries.start();
    co_await eventually([&] { return sender_.mails.size() == 1; });
  });
  EXPECT_EQ(store_.only().what.status, notification_status::sent);
}

}  // namespace
}  // namespace micro_sayur::notification_service
