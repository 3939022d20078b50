// SPDX-License-Identifier: Apache-2.0
#include "notification-service/app/deliver_notifications.hpp"
#include "notification-service/app/receive_event.hpp"
#include "notification-service/domain/retry_schedule.hpp"
#include "notification-service/tests/fakes.hpp"
#include "platform/async/runtime.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using test::memory_store;
using kind = delivery_outcome::kind;

class Deliveries : public testing::Test {
 protected:
  /// Runs `body` while deliveries go on, and stops them then.
  void run(std::function<async::task<>(deliver_notifications&)> body, delivery_settings settings = quick()) {
    async::set_background_failure_handler([](std::string_view, std::string_view) {});
    async::runtime cores(1);
    deliver_notifications deliveries(cores.core(0).get_executor(), store_, sender_, renderer_, intake_, observer_, clock_, random_,
                                     settings);
    cores.run_until_done([&]() -> async::task<> {
      co_await body(deliveries);
      co_await deliveries.stop();
    });
  }

  static delivery_settings quick() { return {.places = 2, .lease = 20s, .poll = 5ms, .longest_probe = 20ms}; }

  static async::task<> eventually(std::function<bool()> condition) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) co_await async::sleep_for(1ms);
    EXPECT_TRUE(condition());
  }

  incoming_event make_event(std::optional<notification_kind> what = notification_kind::password_changed) {
    return {.key = {.source = "/user-service", .id = ids_.next(), .type = "user.test"},
            .kind = what,
            .user_id = ids_.next(),
            .recipient = "budi@example.com",
            .values = {{"name", "Budi"}}};
  }
  notification make_pending() {
    return {.id = ids_.next(),
            .kind = notification_kind::password_reset,
            .user_id = ids_.next(),
            .recipient = "budi@example.com",
            .language = locale::english,
            .values = template_values{{"name", "Budi"}},
            .created_at = clock_.now()};
  }

  manual_clock clock_;
  system_random random_;
  id_source ids_{clock_, random_};
  memory_store store_;
  test::scripted_sender sender_;
  test::plain_renderer renderer_;
  test::counting_intake intake_;
  test::counting_observer observer_;
};

TEST_F(Deliveries, SendAnEventAtOnceAndOnce) {
  run([this](deliver_notifications& deliveries) -> async::task<> {
    receive_event receive(store_, deliveries, clock_, ids_);
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

TEST_F(Deliveries, NoteAnEventThatMailsNothing) {
  run([this](deliver_notifications& deliveries) -> async::task<> {
    receive_event receive(store_, deliveries, clock_, ids_);
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
    receive_event receive(store_, deliveries, clock_, ids_);
    auto deletion = make_event(std::nullopt);
    deletion.user_deleted = true;
    deletion.user_id = waiting.user_id;
    EXPECT_EQ(co_await receive(deletion), receive_outcome::stored);
    EXPECT_EQ(co_await receive(deletion), receive_outcome::duplicate);
    clock_.advance(2h);
    deliveries.start();
    receive_event after(store_, deliveries, clock_, ids_);
    co_await after(make_event());
    co_await eventually([&] { return sender_.mails.size() == 1; });
  });
  EXPECT_EQ(sender_.mails.size(), 1U);
  EXPECT_EQ(store_.rows.at(waiting.id).what.recipient, "");
}

TEST_F(Deliveries, LetTheStoresFailureReachTheEvent) {
  run([this](deliver_notifications& deliveries) -> async::task<> {
    receive_event receive(store_, deliveries, clock_, ids_);
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

TEST_F(Deliveries, StopConsumingWhileTheMailServerIsAway) {
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

TEST_F(Deliveries, AMailThatBreaksItsConnectionStopsNobodyElse) {
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

TEST_F(Deliveries, AMailThatKeepsTheServerWaitingFailsAtLastAndStopsNobodyElse) {
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

TEST_F(Deliveries, AServerThatKeepsAMailWaitingAndDoesNotAnswerOtherwiseIsLost) {
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

TEST_F(Deliveries, DoNotForgetAnOutcomeWhileTheStoreIsAway) {
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

TEST_F(Deliveries, TryOnToRecordAnOutcomeWhenTheyStop) {
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

TEST_F(Deliveries, TellWhoseOutcomeWasLostWhenTheStoreStaysAway) {
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

TEST_F(Deliveries, WaitForWhatIsOnItsWayWhenTheyStop) {
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
