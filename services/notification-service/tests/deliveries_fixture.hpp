// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/app/deliver_notifications.hpp"
#include "notification-service/app/receive_event.hpp"
#include "notification-service/domain/retry_schedule.hpp"
#include "notification-service/tests/fakes.hpp"
#include "platform/async/runtime.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::notification_service::test {

using namespace std::chrono_literals;

/// Deliveries into stores, to a mail server and on a clock that the test holds.
class deliveries_fixture : public testing::Test {
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
  memory_store store_{clock_};
  test::scripted_sender sender_;
  test::plain_renderer renderer_;
  test::counting_intake intake_;
  test::counting_observer observer_;
};

}  // namespace micro_sayur::notification_service::test
