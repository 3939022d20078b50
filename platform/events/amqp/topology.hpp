// SPDX-License-Identifier: Apache-2.0
// What a consumer declares in the broker. A publisher declares the exchange alone: it needs no right to a queue, and what it sends before
// the queue is there comes back to it as unroutable.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::events::amqp {

/// A durable topic exchange, one consumer's quorum queue bound to it, and a dead-letter exchange with a quorum queue. Names and
/// arguments cannot change once declared; limits (length, delivery count) come by a policy of the broker.
struct topology {
  static constexpr std::string_view exchange_type = "topic";

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
