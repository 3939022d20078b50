// SPDX-License-Identifier: Apache-2.0
// Spans of recorded traces: what was done, for how long, as part of what (OpenTelemetry, Trace API).
#pragma once

#include "platform/telemetry/trace_context.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace micro_sayur::telemetry {

/// Numbered as in OTLP.
enum class span_kind : std::uint8_t { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

/// Named as in OpenTelemetry's semantic conventions; texts are UTF-8. Never a value of a statement, a token, an address of a person.
struct span_attribute {
  std::string_view name;  ///< static storage
  std::variant<std::string, std::int64_t> value;
};

struct span_data {
  trace_context context;
  std::optional<std::array<std::uint8_t, 8>> parent;  ///< its span id
  std::optional<trace_context> link = {};
  std::string name;
  span_kind kind = span_kind::internal;
  std::chrono::system_clock::time_point start;
  std::chrono::nanoseconds duration{};
  std::vector<span_attribute> attributes = {};
  bool failed = false;
};

/// Where spans go that have ended. Thread-safe; neither blocks nor throws.
class span_sink {
 public:
  virtual ~span_sink() = default;
  virtual void take(span_data ended) noexcept = 0;
};

/// A span that runs; its destruction ends it. One that is not recorded costs nothing. Used by one thread at a time.
class span {
 public:
  /// Not recorded.
  span() = default;

  /// Begins now. `to` must outlive it.
  span(span_sink& to, span_data begun);

  span(span&&) noexcept = default;
  span& operator=(span&& other) noexcept {
    end();
    running_ = std::move(other.running_);
    return *this;
  }
  ~span() { end(); }

  explicit operator bool() const { return running_ != nullptr; }

  /// Of one that is recorded.
  const trace_context& context() const { return running_->data.context; }
  span_sink& sink() const { return running_->to; }

  /// Tells the scopes in which its children are made apart: 0, 1, ...
  std::uint32_t number_scope() const { return running_->scopes++; }

  void set_name(std::string name) {
    if (running_) running_->data.name = std::move(name);
  }
  void append_to_name(std::string_view text) {
    if (running_) running_->data.name += text;
  }
  void set(std::string_view name, std::string_view value) {
    if (running_) running_->data.attributes.push_back({name, std::string(value)});
  }
  void set(std::string_view name, std::int64_t value) {
    if (running_) running_->data.attributes.push_back({name, value});
  }

  /// What it stands for failed: `error_type` is of a closed set (semantic conventions: error.type).
  void fail(std::string_view error_type) {
    if (running_) running_->data.failed = true;
    set("error.type", error_type);
  }

  /// To a span that this one has to do with, beside its parent.
  void link_to(const trace_context& other) {
    if (running_) running_->data.link = other;
  }

  /// It had begun before: `ago`.
  void begin_earlier(std::chrono::nanoseconds ago);

 private:
  struct running {
    span_sink& to;
    span_data data;
    std::chrono::steady_clock::time_point began;
    std::uint32_t scopes = 0;
  };

  void end() noexcept;

  std::unique_ptr<running> running_;
};

}  // namespace micro_sayur::telemetry
