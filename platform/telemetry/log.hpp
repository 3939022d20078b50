// SPDX-License-Identifier: Apache-2.0
// Structured logs: one JSON object a line. Whoever logs hands over what happened once, at the boundary where it is dealt with.
// Never a password, token or mail body.
#pragma once

#include "platform/base/system.hpp"

#include <condition_variable>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

namespace micro_sayur::telemetry {

enum class level { debug, info, warning, error };

/// "debug", "info", "warning" or "error".
std::string_view to_string(level severity);

/// Writes lines to a file descriptor from a thread of its own, so that a slow reader of stdout never stops an io thread. Lines wait
/// at most 20 ms; above 8 MiB of waiting lines new ones are dropped and counted.
class log_writer {
 public:
  explicit log_writer(int file_descriptor);
  ~log_writer();  ///< writes what waits
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  /// `line` ends with a newline. `at_once`: do not wait for the next interval. Thread-safe.
  void write(std::string_view line, bool at_once);

  std::uint64_t dropped() const;

 private:
  void write_until_stopped();

  const int file_descriptor_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
  bool hurry_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

/// A named value of a log line.
struct field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  field(std::string_view name_, std::string_view text) : name(name_), value(text) {}
  field(std::string_view name_, const char* text) : name(name_), value(std::string_view(text)) {}
  field(std::string_view name_, const std::string& text) : name(name_), value(std::string_view(text)) {}
  field(std::string_view name_, bool truth) : name(name_), value(truth) {}
  field(std::string_view name_, double number) : name(name_), value(number) {}
  field(std::string_view name_, std::integral auto number) : name(name_), value(static_cast<std::int64_t>(number)) {}
};

/// Thread-safe. Keeps references to the writer and the clock.
class logger {
 public:
  logger(log_writer& writer, const clock_source& clock, std::string service, level threshold = level::info)
      : writer_(writer), clock_(clock), service_(std::move(service)), threshold_(threshold) {}

  bool enabled(level severity) const { return severity >= threshold_; }

  /// {"@timestamp":…,"log.level":…,"service.name":…,"message":…, fields…}, by the names of the Elastic Common Schema
  /// (docs/operations/logs.md). Text that is not UTF-8, or is too long, is logged as
  /// foreign_text makes it.
  void log(level severity, std::string_view message, std::initializer_list<field> fields) const;

  void debug(std::string_view message, std::initializer_list<field> fields = {}) const { log(level::debug, message, fields); }
  void info(std::string_view message, std::initializer_list<field> fields = {}) const { log(level::info, message, fields); }
  void warning(std::string_view message, std::initializer_list<field> fields = {}) const { log(level::warning, message, fields); }
  void error(std::string_view message, std::initializer_list<field> fields = {}) const { log(level::error, message, fields); }

 private:
  log_writer& writer_;
  const clock_source& clock_;
  const std::string service_;
  const level threshold_;
};

}  // namespace micro_sayur::telemetry
