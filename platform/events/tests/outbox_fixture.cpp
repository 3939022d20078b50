// SPDX-License-Identifier: Apache-2.0
#include "platform/events/tests/outbox_fixture.hpp"

#include "platform/async/runtime.hpp"
#include "platform/base/embedded_file.hpp"

#include <span>

namespace micro_sayur::events {

extern const std::span<const embedded_file> postgres_files;

namespace {

constexpr auto postgres_tables =
    "CREATE TABLE outbox (id uuid PRIMARY KEY, type text NOT NULL, subject uuid NOT NULL, sequence bigint NOT NULL,"
    " traceparent text NOT NULL, request_id text NOT NULL, dataschema text NOT NULL, data text, created_at timestamptz NOT NULL,"
    " payload bytea, claimed_until timestamptz NOT NULL, published_at timestamptz) PARTITION BY RANGE (id);"
    "CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;"
    "CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;"
    "CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;"
    "CREATE INDEX outbox_subject ON outbox (subject, id) WHERE payload IS NOT NULL;"
    "CREATE TABLE inbox (source text NOT NULL, event_id uuid NOT NULL, type text NOT NULL, received_at timestamptz NOT NULL,"
    " PRIMARY KEY (source, event_id)) PARTITION BY RANGE (event_id);"
    "CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;"
    "CREATE INDEX inbox_default_event_id ON inbox_default (event_id);"
    "CREATE INDEX inbox_received_at ON inbox (received_at);";
constexpr auto sqlite_tables =
    "CREATE TABLE outbox (id BLOB PRIMARY KEY, type TEXT NOT NULL, subject BLOB NOT NULL, sequence INTEGER NOT NULL,"
    " traceparent TEXT NOT NULL, request_id TEXT NOT NULL, dataschema TEXT NOT NULL, data TEXT, created_at INTEGER NOT NULL,"
    " payload BLOB, claimed_until INTEGER NOT NULL, published_at INTEGER) WITHOUT ROWID;"
    "CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;"
    "CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL;"
    "CREATE INDEX outbox_subject ON outbox (subject, id) WHERE payload IS NOT NULL;"
    "CREATE TABLE inbox (source TEXT NOT NULL, event_id BLOB NOT NULL, type TEXT NOT NULL, received_at INTEGER NOT NULL,"
    " PRIMARY KEY (source, event_id)) WITHOUT ROWID;";

constexpr sql::statement count_rows{"test_count_published", "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL"};

uuid fresh_id() {
  static const system_clock clock;
  static system_random random;
  return id_source(clock, random).next();
}

}  // namespace

async::task<> create_tables(sql::database& on, bool postgres) {
  if (postgres)
    for (const auto& file : postgres_files) co_await sql::contract::run_script(on, std::string(file.text));
  co_await sql::contract::run_script(on, postgres ? postgres_tables : sqlite_tables);
}

void tables_contract::with_tables(std::function<async::task<>(sql::database&, async::executor)> body) {
  on_database([this, body](sql::database& on) -> async::task<> {
    co_await create_tables(on, is_postgres());
    const auto where = co_await boost::asio::this_coro::executor;
    co_await body(on, where);
  });
}

cloud_event make_event(std::int64_t sequence) {
  return {.id = fresh_id(),
          .source = "/test",
          .type = "test.event",
          .subject = "0193552a-5c57-7a3e-8f3b-ba9876543210",
          .dataschema = "urn:test.event:1",
          .time = system_clock().now(),
          .sequence = sequence,
          .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
          .request_id = "request-1",
          .data = R"({"name":"Budi"})"};
}

payload_seal seal_under(std::vector<char> secrets) {
  static system_random random;
  return {[secrets](std::string_view) {
            std::vector<std::string> all;
            for (const char each : secrets) all.emplace_back(32, each);
            return all;
          },
          random};
}

const payload_seal& test_seal() {
  static const auto seal = seal_under({'a'});
  return seal;
}

outbox outbox_on(sql::database& on) { return {on, test_seal(), "/test"}; }

async::task<> store(sql::database& on, std::vector<cloud_event> events) {
  std::vector<sql::call> calls;
  for (const auto& event : events) calls.push_back(outbox_insert(event, test_seal().seal(event.id, event.data)));
  co_await on.execute(std::move(calls));
}

async::task<> pass(sql::database& on, std::chrono::microseconds time) {
  static constexpr sql::statement move_back{"test_pass", "UPDATE outbox SET claimed_until = claimed_until - $1 * interval '1 microsecond'",
                                            "UPDATE outbox SET claimed_until = claimed_until - $1"};
  co_await on.execute_one({move_back, {std::int64_t{time.count()}}});
}

async::task<std::int64_t> count_published(sql::database& on) {
  const auto found = co_await on.query(count_rows);
  co_return found[0].get<std::int64_t>(0);
}

async::task<> until_published(sql::database& on, std::int64_t events) {
  const auto end = std::chrono::steady_clock::now() + 30s;
  std::int64_t published = 0;
  while (published < events) {
    try {
      published = co_await count_published(on);
    } catch (const sql::unavailable&) {
      // Outages are what some tests are about; the time limit still holds.
    }
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error(fmt::format("only {} events were published", published));
    if (published < events) co_await async::sleep_for(5ms);
  }
}

async::task<std::vector<publish_outcome>> counting_publisher::publish(std::vector<cloud_event> events) {
  co_await async::sleep_for(1ms);
  for (auto& event : events) {
    ++times[event.sequence];
    last[event.sequence] = event;
  }
  co_return std::vector<publish_outcome>(events.size(), answer);
}

}  // namespace micro_sayur::events
