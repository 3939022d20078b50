// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/telemetry/log.hpp"

#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace micro_sayur::notification_service::test {

/// A logger whose lines can be read.
class log_capture {
 public:
  explicit log_capture(const clock_source& clock) {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("no pipe");
    writer_.emplace(ends_[1]);
    log_.emplace(*writer_, clock, "test");
  }
  ~log_capture() {
    finish();
    ::close(ends_[0]);
  }
  log_capture(const log_capture&) = delete;
  log_capture& operator=(const log_capture&) = delete;

  const telemetry::logger& log() const { return *log_; }

  /// Everything that was logged; nothing can be logged afterwards. At most what a pipe holds (64 KiB).
  std::string finish() {
    if (!writer_) return {};
    log_.reset();
    writer_.reset();
    ::close(ends_[1]);
    std::string text(64U << 10, '\0');
    const auto size = ::read(ends_[0], text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

 private:
  std::array<int, 2> ends_{};
  std::optional<telemetry::log_writer> writer_;
  std::optional<telemetry::logger> log_;
};

}  // namespace micro_sayur::notification_service::test
