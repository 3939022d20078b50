// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/reconnecting_thread.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>

namespace micro_sayur::events::amqp {

using namespace std::chrono_literals;

namespace {

/// A broker that catches up is not ill.
constexpr auto blocked_patience = 10s;

}  // namespace

reconnecting_thread::reconnecting_thread(connection_parameters parameters, work what)
    : parameters_(std::move(parameters)), work_(std::move(what)) {}

reconnecting_thread::~reconnecting_thread() {
  stopping_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

void reconnecting_thread::start() {
  thread_ = std::thread([this] { run(); });
}

void reconnecting_thread::run() {
  while (!stopping_) {
    if (serve_once()) break;
    connected_ = false;
    work_.disconnected();
    if (rest()) break;
  }
  connected_ = false;
  work_.ended();
}

/// True when the work is done, false when the connection was lost.
bool reconnecting_thread::serve_once() {
  try {
    connection made(parameters_);
    made.open_channel(main_channel);
    work_.declare(made);
    made.release_buffers();
    connected_ = true;
    backoff_.reset();
    set_fault("");
    work_.serve(made);
    return true;
  } catch (const std::exception& failure) {
    set_fault(failure.what());
    return false;
  }
}

/// Waits before the next attempt. True when the work is done.
bool reconnecting_thread::rest() {
  const auto end = std::chrono::steady_clock::now() + backoff_.next();
  while (!stopping_ && std::chrono::steady_clock::now() < end) {
    if (work_.tick()) return true;
    wait(nullptr, end);
  }
  return false;
}

void reconnecting_thread::set_fault(const std::string& why) {
  const std::lock_guard lock(mutex_);
  fault_ = why;
  blocked_since_.reset();
}

void reconnecting_thread::note_blocked(const connection& on) {
  const std::lock_guard lock(mutex_);
  if (!on.blocked()) return blocked_since_.reset();
  if (!blocked_since_) blocked_since_ = std::chrono::steady_clock::now();
  blocked_reason_ = on.blocked_reason();
}

std::string reconnecting_thread::fault() const {
  const std::lock_guard lock(mutex_);
  const auto at = fmt::format("RabbitMQ at {}:{}, user {}", parameters_.host, parameters_.port, parameters_.user);
  if (!fault_.empty()) return fmt::format("{}: {}", at, fault_);
  const bool blocked = blocked_since_ && std::chrono::steady_clock::now() - *blocked_since_ > blocked_patience;
  return blocked ? fmt::format("{}: takes no messages: {}", at, blocked_reason_) : std::string();
}

void reconnecting_thread::wait(const connection* on, time_point until) const {
  std::array<pollfd, 2> watched{pollfd{waker_.descriptor(), POLLIN, 0}, pollfd{on ? on->socket() : -1, POLLIN, 0}};
  const auto most = std::min<std::chrono::steady_clock::duration>(until - std::chrono::steady_clock::now(), 1s);
  const auto timeout = std::max(std::chrono::ceil<std::chrono::milliseconds>(most), 0ms);
  ::poll(watched.data(), watched.size(), static_cast<int>(timeout.count()));
  waker_.clear();
}

}  // namespace micro_sayur::events::amqp
