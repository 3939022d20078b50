// SPDX-License-Identifier: Apache-2.0
// What the tests of outbox, relay and inbox share: their tables on a fresh database, and a transport that does as it is told.
#pragma once

#include "platform/base/system.hpp"
#include "platform/events/inbox.hpp"
#include "platform/events/relay.hpp"
#include "platform/sql/tests/contract/contract.hpp"
#include "platform/test_support/span_recorder.hpp"

#include <map>

namespace micro_sayur::events {

using namespace std::chrono_literals;

async::task<> create_tables(sql::database& on, bool postgres);

/// A database of each driver with the tables in it.
class tables_contract : public sql::contract::DatabaseContract {
 protected:
  /// `body` runs on a core, whose executor it gets.
  void with_tables(std::function<async::task<>(sql::database&, async::executor)> body);
};

cloud_event make_event(std::int64_t sequence);

/// Seals under the first of the secrets, each of which a letter stands for, and opens what is sealed under any.
payload_seal seal_under(std::vector<char> secrets);

/// Of what `store` stores.
const payload_seal& test_seal();

outbox outbox_on(sql::database& on);

async::task<> store(sql::database& on, std::vector<cloud_event> events);

/// Moves all leases back, as if so much time had passed.
async::task<> pass(sql::database& on, std::chrono::microseconds time);

/// Rows with published_at.
async::task<std::int64_t> count_published(sql::database& on);

/// Waits until so many events are published; throws std::runtime_error after half a minute.
async::task<> until_published(sql::database& on, std::int64_t events);

/// Counts how often each event was published.
class counting_publisher final : public publisher {
 public:
  async::task<std::vector<publish_outcome>> publish(std::vector<cloud_event> events) override;
  async::task<> close() override { co_return; }
  std::string_view system() const override { return "counting"; }
  bool connected() const override { return true; }
  std::string fault() const override { return {}; }

  publish_outcome answer = publish_outcome::confirmed;
  std::map<std::int64_t, int> times;  ///< by sequence
  std::map<std::int64_t, cloud_event> last;
};

/// Relays on the running core, each with its own metrics.
struct running_relay {
  telemetry::metrics metrics{"test"};
  test::recorded_traces traces;
  relay works;

  running_relay(async::executor where, sql::database& on, publisher& to, relay_settings settings = {})
      : works(where, outbox_on(on), to, metrics, traces.tracer, std::move(settings)) {
    works.start();
  }
};

}  // namespace micro_sayur::events
