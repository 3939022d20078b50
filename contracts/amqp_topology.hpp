// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contracts/event_topology.hpp"
#include "platform/events/amqp/topology.hpp"

namespace micro_sayur {

/// What both services declare in RabbitMQ.
inline events::amqp::topology notification_topology() {
  return {.exchange = std::string(event_topology::exchange),
          .queue = std::string(event_topology::notification_queue),
          .routing_keys = {event_topology::notification_types.begin(), event_topology::notification_types.end()}};
}

}  // namespace micro_sayur
