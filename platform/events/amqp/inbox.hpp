// SPDX-License-Identifier: Apache-2.0
// Where the thread of a consumer and the coroutines of its handlers meet.
#pragma once

#include "platform/async/event.hpp"
#include "platform/events/amqp/message.hpp"
#include "platform/events/transport.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace micro_sayur::events::amqp {

/// A delivery with what is needed to settle it: the tag is valid on one connection only.
struct received {
  std::uint64_t connection = 0;
  std::uint64_t tag = 0;
  message original;
  bool redelivered = false;
};

struct settlement {
  received of;
  disposition decided;
};

/// Runs handlers on `where` and collects what they decide. Thread-safe; shared, since handlers may outlive the consumer.
class inbox : public std::enable_shared_from_this<inbox> {
 public:
  inbox(async::executor where, handler to) : where_(where), handler_(std::move(to)) {}

  /// `wake` is called from `where` whenever a handler has ended, until `detach`.
  void attach(std::function<void()> wake);
  void detach();

  /// Starts the handler; handlers start in the order of the calls.
  void hand_over(received what);

  std::vector<settlement> take_settled();

  /// Handlers that have not ended, and settlements that were not taken.
  std::size_t open() const;

 private:
  async::task<> handle(received what);
  void settle(settlement done);

  async::executor where_;
  handler handler_;
  mutable std::mutex mutex_;
  std::function<void()> wake_ = [] {};
  std::vector<settlement> settled_;
  std::size_t running_ = 0;
};

}  // namespace micro_sayur::events::amqp
