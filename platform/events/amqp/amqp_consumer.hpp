// SPDX-License-Identifier: Apache-2.0
// Consuming from a quorum queue of RabbitMQ.
#pragma once

#include "platform/events/amqp/connection.hpp"
#include "platform/events/transport.hpp"

#include <chrono>
#include <memory>

namespace micro_sayur::events::amqp {

struct consumer_settings {
  std::uint16_t prefetch = 32;  ///< handlers at once; 1 keeps the order of the queue strictly
  std::chrono::milliseconds retry_delay{1'000};
};

/// Connects in the background when started; a broker that is away is no error. Pausing cancels the subscription, so that the
/// queue keeps what arrives. A dead letter is published to the dead-letter exchange with the headers `x-reason` and
/// `x-original-routing-key` beside its own, and only then acknowledged. `where` must outlive the consumer.
std::unique_ptr<consumer> make_consumer(async::executor where, connection_parameters parameters, topology wanted,
                                        consumer_settings settings = {});

}  // namespace micro_sayur::events::amqp
