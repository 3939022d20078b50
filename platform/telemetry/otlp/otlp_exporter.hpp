// SPDX-License-Identifier: Apache-2.0
// Sends spans to an OpenTelemetry Collector, by OTLP over HTTP (docs/adr/0028-tracing.md).
#pragma once

#include "platform/async/backoff.hpp"
#include "platform/curl/easy_handle.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/metrics.hpp"
#include "platform/telemetry/otlp/otlp_json.hpp"
#include "platform/telemetry/otlp/span_queue.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

namespace micro_sayur::telemetry {

struct otlp_settings {
  std::string endpoint;     ///< as in OTEL_EXPORTER_OTLP_ENDPOINT: /v1/traces is appended
  std::string authorities;  ///< file of certificate authorities; "": the system's
  std::size_t queue_limit = 2048;
  std::size_t batch = 512;
  std::chrono::milliseconds interval{1'000};        ///< a smaller batch leaves after this
  std::chrono::milliseconds timeout{10'000};        ///< of one request
  std::chrono::milliseconds longest_retry{30'000};  ///< between two attempts of one batch
  std::chrono::milliseconds last_timeout{2'000};    ///< of what is sent when it ends
};

/// sayur_spans_exported_total and sayur_spans_dropped_total{reason}, which are there, at 0, when nothing is exported as well.
struct span_counters {
  explicit span_counters(metrics& in);
  prometheus::Counter& exported;
  prometheus::Counter& dropped;  ///< the queue was full
  prometheus::Counter& refused;  ///< by the Collector
};

/// One thread and one connection. A batch is sent until the Collector takes or refuses it; meanwhile the queue fills, and then drops.
/// Its thread never holds up whoever ends a span.
class otlp_exporter {
 public:
  /// What is given by reference must outlive this.
  otlp_exporter(otlp_settings with, resource_attributes resource, const logger& log, const span_counters& counters);

  /// Gives up the request that is on its way within a second, and tries to send what waits, within last_timeout.
  ~otlp_exporter();
  otlp_exporter(const otlp_exporter&) = delete;
  otlp_exporter& operator=(const otlp_exporter&) = delete;

  span_sink& sink() { return queue_; }

  /// Spans that found the queue full. Thread-safe.
  std::uint64_t dropped() const { return queue_.dropped(); }

 private:
  enum class outcome : std::uint8_t { accepted, refused, unavailable };

  void export_until_closed();
  void deliver(const std::vector<span_data>& batch);
  void send_at_last(const std::vector<span_data>& batch);
  outcome send(const std::string& body, std::chrono::milliseconds timeout);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
  void count(outcome reached, std::size_t spans);
  void tell(outcome reached, const std::string& reason);

  const otlp_settings with_;
  const resource_attributes resource_;
  const logger& log_;
  const span_counters counters_;
  span_queue queue_{with_.queue_limit, with_.batch};
  curl::easy_handle handle_;
  curl::string_list header_;
  std::string answer_;  ///< the beginning of the last one
  async::backoff retry_{std::chrono::milliseconds(500), with_.longest_retry};
  outcome told_ = outcome::accepted;
  std::optional<std::chrono::steady_clock::time_point> end_;  ///< of its last attempts, once it is to end
  std::thread thread_;
};

}  // namespace micro_sayur::telemetry
