// SPDX-License-Identifier: Apache-2.0
// Tables whose partitions are made and dropped by postgres/partitions.sql, which only PostgreSQL has.
#pragma once

#include "platform/events/tests/outbox_fixture.hpp"

namespace micro_sayur::events {

inline constexpr sql::statement list_partitions{
    "test_list_partitions", "SELECT name::text FROM partitions_of($1::text::regclass) WHERE ends IS NOT NULL ORDER BY ends"};
inline constexpr sql::statement find_partition{
    "test_find_partition",
    "SELECT tableoid::regclass::text FROM outbox WHERE id = $1 UNION ALL SELECT tableoid::regclass::text FROM inbox WHERE event_id = $1"};
inline constexpr sql::statement age_published{"test_age_published", "UPDATE outbox SET published_at = published_at - interval '1 day'"};
inline constexpr sql::statement hold_outbox{"test_hold_outbox", "SELECT count(*) FROM outbox"};

inline constexpr auto keep = 1h;

/// Of one minute in the middle of a quarter of an hour, so that what lies some minutes around it lies in one partition.
inline timestamp around(std::chrono::minutes from_now) {
  const auto quarter = std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<900>>>(system_clock().now() + from_now);
  return std::chrono::time_point_cast<timestamp::duration>(quarter) + 7min;
}

inline cloud_event event_of(timestamp at, std::int64_t sequence = 1) {
  static system_random random;
  auto event = make_event(sequence);
  std::array<std::uint8_t, 10> chance{};
  random.fill(chance);
  event.id = uuid::version_7(at, chance);
  return event;
}

class Partitions : public testing::Test {
 protected:
  void with_tables(std::function<async::task<>(sql::database&)> body) {
    const auto in = sql::contract::make_postgres_sandbox();
    sql::contract::on_database(*in, {}, [body](sql::database& on) -> async::task<> {
      co_await create_tables(on, true);
      co_await body(on);
    });
  }

  /// Partitions or rows that one statement of a retention made or removed, with rows kept since `at`.
  static async::task<std::int64_t> tend(sql::database& on, const sql::retention& what, timestamp at) {
    const auto done = co_await on.execute_one({*what.remove, {at, std::int64_t{500}}});
    co_return done.affected() + std::ssize(done);
  }
  static async::task<std::int64_t> make_one(sql::database& on, const sql::retention& making) {
    return tend(on, making, system_clock().now() - keep);
  }
  /// Of the outbox's, how many.
  static async::task<std::int64_t> make(sql::database& on) {
    while (co_await make_one(on, inbox_retention(keep)[0]) > 0) {
    }
    std::int64_t made = 0;
    while (co_await make_one(on, outbox_retention(keep)[0]) > 0) ++made;
    co_return made;
  }
  /// As if so much time had passed.
  static async::task<std::int64_t> drop(sql::database& on, std::chrono::minutes later) {
    co_return co_await tend(on, outbox_retention(keep)[1], system_clock().now() + later - keep);
  }

  static async::task<std::vector<std::string>> partitions(sql::database& on, std::string of) {
    const auto found = co_await on.query({list_partitions, {std::move(of)}});
    std::vector<std::string> names;
    for (std::size_t i = 0; i < found.size(); ++i) names.push_back(found[i].get<std::string>(0));
    co_return names;
  }
  static async::task<std::string> partition_with(sql::database& on, uuid id) {
    const auto found = co_await on.query({find_partition, {id}});
    co_return found.empty() ? "" : found[0].get<std::string>(0);
  }
};

}  // namespace micro_sayur::events
