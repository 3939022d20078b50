// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "notification-service/adapters/sql/migrations.hpp"
#include "notification-service/adapters/sql/sql_notification_store.hpp"
#include "platform/base/system.hpp"
#include "platform/sql/tests/contract/contract.hpp"

namespace micro_sayur::notification_service::test {

using namespace std::chrono_literals;

/// Suites on the store of notifications, on each driver.
class store_fixture : public sql::contract::DatabaseContract {
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
                           std::optional<std::chrono::microseconds> retry_after = std::nullopt) {
    return {.id = what.id,
            .number = what.attempts,
            .ended_at = now_ + 1s,
            .outcome = {outcome, "said"},
            .status = status,
            .failures = 1,
            .retry_after = retry_after};
  }
  async::task<notification> stored(notification_store& store, notification_status status = notification_status::pending) {
    auto what = make(status);
    co_await store.receive(fresh_key(), what, lease);
    co_return what;
  }

  /// Moves what is due, and leases, nearer, as if so much time had passed.
  static async::task<> pass(sql::database& on, std::chrono::microseconds time) {
    static constexpr sql::statement move_back{"test_pass", "UPDATE notifications SET due_at = due_at - $1 * interval '1 microsecond'",
                                              "UPDATE notifications SET due_at = due_at - $1"};
    co_await on.execute_one({move_back, {std::int64_t{time.count()}}});
  }

  static constexpr std::chrono::microseconds lease = 1h;
  system_clock clock_;
  system_random random_;
  id_source ids_{clock_, random_};
  const timestamp now_ = clock_.now();
};

}  // namespace micro_sayur::notification_service::test
