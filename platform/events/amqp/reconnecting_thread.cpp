// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/reconnecting_thread.hpp"

#include "platform/async/runtime.hpp"

#include <poll.h>

#include <algorithm>
#include <array>

namespace micro_sayur::events::amqp {

using namespace std::chrono_literals;

reconnecting_thread::reconnecting_thread(std::string_view name, connection_parameters parameters, topology wanted, work what)
    : name_(name), parameters_(std::move(parameters)), topology_(std::move(wanted)), work_(std::move(what)) {}

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
    made.declare(topology_, main_channel);
    made.release_buffers();
    connected_ = true;
    backoff_.reset();
    last_failure_.clear();
    work_.serve(made);
    return true;
  } catch (const std::exception& failure) {
    report(failure);
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

/// Once for each cause, not for each attempt.
void reconnecting_thread::report(const std::exception& failure) {
  if (last_failure_ == failure.what()) return;
  last_failure_ = failure.what();
  async::report_background_failure(name_, std::current_exception());
}

void reconnecting_thread::wait(const connection* on, time_point until) const {
  std::array<pollfd, 2> watched{pollfd{waker_.descriptor(), POLLIN, 0}, pollfd{on ? on->socket() : -1, POLLIN, 0}};
  const auto most = std::min<std::chrono::steady_clock::duration>(until - std::chrono::steady_clock::now(), 1s);
  const auto timeout = std::max(std::chrono::ceil<std::chrono::milliseconds>(most), 0ms);
  ::poll(watched.data(), watched.size(), static_cast<int>(timeout.count()));
  waker_.clear();
}

}  // namespace micro_sayur::events::amqp
