// SPDX-License-Identifier: Apache-2.0
// Publishing to RabbitMQ: persistent and mandatory messages, pipelined, each confirmed by the broker.
#pragma once

#include "platform/events/amqp/connection.hpp"
#include "platform/events/transport.hpp"

#include <chrono>
#include <memory>

namespace micro_sayur::events::amqp {

struct publisher_settings {
  std::size_t max_waiting_events = 10'000;    ///< of all calls that are not answered
  std::size_t window = 1'024;                 ///< messages sent and not confirmed
  std::chrono::milliseconds deadline{5'000};  ///< of one `publish`
};

/// Connects in the background, at once; a broker that is away is no error. Messages carry the event's id as message-id and
/// traceparent and x-request-id as headers. Must be destroyed before the runtime on which `publish` is called.
/// `exchange` is declared as topology.hpp says.
std::unique_ptr<publisher> make_publisher(connection_parameters parameters, std::string exchange, publisher_settings settings = {});

}  // namespace micro_sayur::events::amqp
