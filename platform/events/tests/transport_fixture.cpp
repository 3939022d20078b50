// SPDX-License-Identifier: Apache-2.0
#include "platform/events/tests/transport_fixture.hpp"

#include "platform/async/offload_pool.hpp"
#include "platform/base/system.hpp"
#include "platform/events/direct/direct_transport.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

namespace micro_sayur::events {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (!value) throw std::runtime_error(fmt::format("{} is not set: run this program under tests/harness/servers.py", name));
  return value;
}

uuid fresh_id() {
  static const system_clock clock;
  static system_random random;
  return id_source(clock, random).next();
}

}  // namespace

transport make_direct_transport(async::executor where) {
  const auto both = std::make_shared<direct_transport>(where, direct_settings{.deadline = 20s, .retry_delay = 20ms});
  return {.out = both, .in = both};
}

transport make_amqp_transport(async::executor where) {
  const auto wanted = declared_topology();
  return {.out = amqp::make_publisher(test_broker(), wanted.exchange, {.deadline = 20s}),
          .in = amqp::make_consumer(where, test_broker(), wanted, {.retry_delay = 20ms})};
}

amqp::connection_parameters test_broker() {
  return {.host = variable("TEST_RABBITMQ_HOST"),
          .port = static_cast<std::uint16_t>(std::stoi(variable("TEST_RABBITMQ_PORT"))),
          .virtual_host = variable("TEST_RABBITMQ_VHOST"),
          .user = variable("TEST_RABBITMQ_USER"),
          .password = [] { return variable("TEST_RABBITMQ_PASSWORD"); },
          .ca_file = {},
          .name = "contract tests"};
}

amqp::connection_parameters test_broker_over_tls() {
  auto parameters = test_broker();
  parameters.host = "localhost";  // the name in its certificate
  parameters.port = static_cast<std::uint16_t>(std::stoi(variable("TEST_RABBITMQ_TLS_PORT")));
  parameters.tls = true;
  parameters.ca_file = variable("TEST_CA_FILE");
  return parameters;
}

amqp::topology fresh_topology() {
  const auto name = fresh_id().to_string();
  return {.exchange = "exchange-" + name, .queue = "queue-" + name, .routing_keys = {"test.event"}};
}

amqp::topology declared_topology() {
  auto made = fresh_topology();
  amqp::connection beside(test_broker());
  beside.open_channel(1);
  beside.declare(made, 1);
  return made;
}

async::task<> control_broker(std::string action) {
  const auto command = fmt::format("{} {} rabbitmq", variable("TEST_SERVER_CONTROL"), action);
  async::offload_pool beside(1, 1);
  const int code = co_await beside.run([command] { return std::system(command.c_str()); });
  if (code != 0) throw std::runtime_error(command + " failed");
}

cloud_event make_event(std::int64_t sequence) {
  return {.id = fresh_id(),
          .source = "/test",
          .type = "test.event",
          .subject = "subject",
          .dataschema = "/schemas/test.event.json",
          .time = *parse_rfc3339("2026-11-23T09:26:55.000123Z"),
          .sequence = sequence,
          .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
          .request_id = "request-1",
          .data = R"({"name":"Budi"})"};
}

std::int64_t sequence_of(const delivery& what) { return parse_cloud_event(what.body).value().sequence; }

handler collecting(std::set<std::int64_t>& into) {
  return [&into](delivery what) -> async::task<disposition> {
    into.insert(sequence_of(what));
    co_return disposition::acknowledge();
  };
}

void on_core(std::function<async::task<>()> body) { async::runtime(1).run_until_done(std::move(body)); }

async::task<> until(std::function<bool()> condition) {
  const auto end = std::chrono::steady_clock::now() + 1min;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the condition was not met within a minute");
    co_await async::sleep_for(2ms);
  }
}

async::task<> publish_surely(publisher& out, std::vector<cloud_event> events) {
  while (!events.empty()) {
    const auto outcomes = co_await out.publish(events);
    std::vector<cloud_event> again;
    for (std::size_t i = 0; i < events.size(); ++i)
      if (outcomes[i] != publish_outcome::confirmed) again.push_back(std::move(events[i]));
    events = std::move(again);
  }
}

}  // namespace micro_sayur::events
