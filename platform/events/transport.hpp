// SPDX-License-Identifier: Apache-2.0
// The ports through which events travel from an outbox to an inbox. Transports: amqp (RabbitMQ) and direct (in the process).
// Delivery is at least once: a consumer sees an event again when it is not known to have been settled.
#pragma once

#include "platform/async/task.hpp"
#include "platform/events/cloud_event.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::events {

enum class publish_outcome : std::uint8_t {
  confirmed,   ///< the transport has taken it and will not lose it
  unroutable,  ///< no queue wants its type; it is lost unless published again
  refused,     ///< the transport said no, for instance because a queue is full; publish it again later
  unknown      ///< no answer until the deadline, or the connection went away: publish it again
};

class publisher {
 public:
  virtual ~publisher() = default;

  /// Hands over events in their order; one outcome for each, in the same order. Waits for the transport, also for a connection,
  /// until the publisher's deadline. Throws async::overloaded at once when too much waits already. Call it on one core.
  virtual async::task<std::vector<publish_outcome>> publish(std::vector<cloud_event> events) = 0;

  /// Waits for the outcomes that are still open, then disconnects; `publish` may not be called afterwards.
  virtual async::task<> close() = 0;

  /// As OpenTelemetry's semantic conventions name it (messaging.system), in static storage.
  virtual std::string_view system() const = 0;

  /// Whether a transport is there now. Thread-safe.
  virtual bool connected() const = 0;

  /// Why nothing goes through now; empty while it does. For health checks. Thread-safe.
  virtual std::string fault() const = 0;
};

/// What arrives. The body is as it was received: parse_cloud_event it, and dead-letter what is no event.
struct delivery {
  std::string routing_key;
  std::string body;
  bool redelivered = false;  ///< it was delivered before, perhaps to another consumer
};

/// What a handler decides about a delivery.
struct disposition {
  enum class kind : std::uint8_t { acknowledge, dead_letter, retry };

  kind what = kind::retry;
  std::string reason;  ///< of a dead letter; at most 1,000 bytes are kept

  static disposition acknowledge() { return {kind::acknowledge, {}}; }
  /// The event is set aside with the reason, and does not come again.
  static disposition dead_letter(std::string reason) { return {kind::dead_letter, std::move(reason)}; }
  /// The event comes again after the transport's retry delay, perhaps after later ones.
  static disposition retry() { return {kind::retry, {}}; }
};

/// An exception that leaves a handler is reported as a background failure and counts as `retry`.
using handler = std::function<async::task<disposition>(delivery)>;

/// Used on its executor, on which the handlers run too. Handlers start in the order of arrival; as many run at once as the
/// transport prefetches. `start` once; every started consumer is stopped before it is destroyed.
class consumer {
 public:
  virtual ~consumer() = default;

  virtual void start(handler to) = 0;

  /// Takes no further deliveries; what was handed to a handler is settled as usual, the rest goes back to the queue.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// As `pause`, then waits until every handler has ended and its disposition is settled, and disconnects.
  virtual async::task<> stop() = 0;

  /// As OpenTelemetry's semantic conventions name it (messaging.system), in static storage.
  virtual std::string_view system() const = 0;

  /// Whether a transport is there now. Thread-safe.
  virtual bool connected() const = 0;

  /// Why nothing goes through now; empty while it does. For health checks. Thread-safe.
  virtual std::string fault() const = 0;
};

}  // namespace micro_sayur::events
