// SPDX-License-Identifier: Apache-2.0
// The port to a key-value store with expiry. It is never the record of anything: every caller has an answer without it.
#pragma once

#include "platform/async/task.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace micro_sayur::cache {

/// The store is away, or did not answer in time.
class unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// May be used from every io thread at once. Every call has a deadline and throws `unavailable` past it. Keys and values are any bytes.
class store {
 public:
  virtual ~store() = default;

  virtual async::task<std::optional<std::string>> get(std::string key) = 0;

  /// Replaces value and expiry. `time_to_live` > 0, with millisecond resolution.
  virtual async::task<> set(std::string key, std::string value, std::chrono::milliseconds time_to_live) = 0;

  /// As `set`, but a value that is there stays; false then.
  virtual async::task<bool> set_if_absent(std::string key, std::string value, std::chrono::milliseconds time_to_live) = 0;

  /// In one trip. A key that is absent is no error.
  virtual async::task<> remove(std::vector<std::string> keys) = 0;

  /// Removes the key if it has that value still: what `set_if_absent` took is given back, and never what another has taken since.
  virtual async::task<> remove_if_equal(std::string key, std::string value) = 0;

  /// Until the key expires; nullopt when it is absent.
  virtual async::task<std::optional<std::chrono::milliseconds>> time_left(std::string key) = 0;

  /// Adds one to a counter, made at 0 with `time_to_live` when absent (the expiry is not prolonged later). Returns the new count.
  virtual async::task<std::int64_t> increment(std::string key, std::chrono::milliseconds time_to_live) = 0;

  /// Takes one from a counter; otherwise as `increment`.
  virtual async::task<std::int64_t> decrement(std::string key, std::chrono::milliseconds time_to_live) = 0;

  /// A write that leaves nothing behind; throws `unavailable` when the store is away or takes no writes (a replica, out of memory). For
  /// health checks of who writes.
  virtual async::task<> try_to_write() = 0;

  /// Round trip; throws `unavailable`. For health checks.
  virtual async::task<> ping() = 0;

  /// Since the start, for metrics; 0 for a store in the process. Thread-safe.
  virtual std::uint64_t connections_opened() const { return 0; }

  /// As OpenTelemetry's semantic conventions name it (db.system.name), in static storage; "" for one in the process.
  virtual std::string_view system() const { return {}; }

  virtual async::task<> close() = 0;
};

}  // namespace micro_sayur::cache
