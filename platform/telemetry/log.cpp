// SPDX-License-Identifier: Apache-2.0
#include "platform/telemetry/log.hpp"

#include "platform/base/foreign_text.hpp"
#include "platform/base/utf8.hpp"
#include "platform/json/text.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace micro_sayur::telemetry {
namespace {

constexpr std::size_t waiting_limit = 8U << 20;
constexpr auto flush_interval = std::chrono::milliseconds(20);

void write_all(int file_descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file_descriptor, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = file_descriptor, .events = POLLOUT, .revents = 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return;  // the reader of our output is gone: there is nobody left to tell
    }
  }
}

/// More of one value than this helps nobody.
constexpr std::size_t longest_value = 4'096;

void append_text(std::string& line, std::string_view text) {
  if (text.size() <= longest_value && is_utf8(text))
    json::append_string(line, text);
  else
    json::append_string(line, foreign_text(text, longest_value));
}

void append_value(std::string& line, const field& each) {
  if (const auto* text = std::get_if<std::string_view>(&each.value))
    append_text(line, *text);
  else if (const auto* integer = std::get_if<std::int64_t>(&each.value))
    json::append_number(line, *integer);
  else if (const auto* number = std::get_if<double>(&each.value))
    json::append_number(line, *number);
  else
    line += std::get<bool>(each.value) ? "true" : "false";
}

}  // namespace

std::string_view to_string(level severity) {
  switch (severity) {
    case level::debug: return "debug";
    case level::info: return "info";
    case level::warning: return "warning";
    case level::error: return "error";
  }
  std::unreachable();
}

log_writer::log_writer(int file_descriptor) : file_descriptor_(file_descriptor), thread_([this] { write_until_stopped(); }) {}

log_writer::~log_writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void log_writer::write(std::string_view line, bool at_once) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() + line.size() > waiting_limit) {
    ++dropped_;
    return;
  }
  const bool was_empty = waiting_.empty();
  waiting_ += line;
  hurry_ = hurry_ || at_once;
  if (was_empty || at_once) wake_.notify_one();
}

std::uint64_t log_writer::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void log_writer::write_until_stopped() {
  std::string batch;
  std::unique_lock lock(mutex_);
  while (!stopping_ || !waiting_.empty()) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    wake_.wait_for(lock, flush_interval, [this] { return stopping_ || hurry_; });
    batch.clear();
    batch.swap(waiting_);
    hurry_ = false;
    lock.unlock();
    write_all(file_descriptor_, batch);
    lock.lock();
  }
}

void logger::log(level severity, std::string_view message, std::initializer_list<field> fields) const {
  if (!enabled(severity)) return;
  thread_local std::string line;
  line.assign(R"({"@timestamp":")");
  line += to_rfc3339(clock_.now());
  line += R"(","log.level":")";
  line += to_string(severity);
  line += R"(","service.name":")";
  line += service_;
  line += R"(","message":)";
  append_text(line, message);
  for (const auto& each : fields) {
    line.push_back(',');
    json::append_string(line, each.name);
    line.push_back(':');
    append_value(line, each);
  }
  line += "}\n";
  writer_.write(line, severity >= level::warning);
}

}  // namespace micro_sayur::telemetry
