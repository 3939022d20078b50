// SPDX-License-Identifier: Apache-2.0
// What a publisher and a consumer both declare, so that an event finds its queue whichever of them starts first.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::events::amqp {

/// A durable topic exchange, one consumer's quorum queue bound to it, and a dead-letter exchange with a quorum queue. Names and
/// arguments cannot change once declared; limits (length, delivery count) come by a policy of the broker.
struct topology {
  std::string exchange;
  std::string queue;
  std::vector<std::string> routing_keys;  ///< for which `queue` is bound

  std::string dead_letter_exchange() const { return exchange + ".dead-letter"; }
  std::string dead_letter_queue() const { return queue + ".dead-letter"; }
};

inline topology make_topology(std::string_view exchange, std::string_view queue, std::span<const std::string_view> routing_keys) {
  return {.exchange = std::string(exchange), .queue = std::string(queue), .routing_keys = {routing_keys.begin(), routing_keys.end()}};
}

}  // namespace micro_sayur::events::amqp
