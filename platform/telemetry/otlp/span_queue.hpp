// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/telemetry/tracing/span.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace micro_sayur::telemetry {

/// Spans on their way to an exporter's thread. When it is full, new ones are dropped and counted. Thread-safe.
class span_queue final : public span_sink {
 public:
  /// `limit`: spans that wait at most. `batch`: how many make a batch worth sending before its time.
  span_queue(std::size_t limit, std::size_t batch) : limit_(limit), batch_(batch) {}

  void take(span_data ended) noexcept override;

  /// Waits until there is a whole batch, `longest_wait` has passed or the queue is closed; returns at most one batch.
  std::vector<span_data> next_batch(std::chrono::milliseconds longest_wait);

  /// Nothing is waited for any more: what lies here is handed out at once.
  void close();

  /// Waits for as long as that, unless the queue is closed before or was already. Returns whether it is.
  bool wait_until_closed(std::chrono::milliseconds longest_wait);

  std::uint64_t dropped() const;

 private:
  const std::size_t limit_;
  const std::size_t batch_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<span_data> waiting_;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

}  // namespace micro_sayur::telemetry
