// SPDX-License-Identifier: Apache-2.0
// What the tests of the transports share.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/events/amqp/amqp_consumer.hpp"
#include "platform/events/amqp/amqp_publisher.hpp"
#include "platform/events/transport.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace micro_sayur::events {

using namespace std::chrono_literals;

/// Two ends of one transport, with nothing in it.
struct transport {
  std::shared_ptr<publisher> out;
  std::shared_ptr<consumer> in;
};

/// A handler may retry every 20 ms; at most 10,000 events wait; `publish` has 20 s.
transport make_direct_transport(async::executor where);
transport make_amqp_transport(async::executor where);

/// The broker that tests/harness/servers.py runs; throws std::runtime_error when there is none.
amqp::connection_parameters test_broker();
amqp::connection_parameters test_broker_over_tls();

/// Names that no other test uses, bound for `test.event`.
amqp::topology fresh_topology();

/// Those, made in the broker. Blocks.
amqp::topology declared_topology();

/// kill, stop, start, pause or resume the broker. Other coroutines of the core go on meanwhile.
async::task<> control_broker(std::string action);

/// Event number `sequence` of type `test.event`.
cloud_event make_event(std::int64_t sequence);

std::int64_t sequence_of(const delivery& what);

/// Acknowledges everything and notes its numbers.
handler collecting(std::set<std::int64_t>& into);

/// Runs a coroutine to its end on a core of its own.
void on_core(std::function<async::task<>()> body);

/// Waits for a condition that other coroutines or threads bring about; throws std::runtime_error after a minute.
async::task<> until(std::function<bool()> condition);

/// Publishes until every event is confirmed.
async::task<> publish_surely(publisher& out, std::vector<cloud_event> events);

}  // namespace micro_sayur::events
