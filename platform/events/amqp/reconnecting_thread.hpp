// SPDX-License-Identifier: Apache-2.0
// The thread of a transport: it connects, declares, serves, and begins again when the connection is lost.
#pragma once

#include "platform/async/backoff.hpp"
#include "platform/events/amqp/connection.hpp"
#include "platform/events/amqp/waker.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace micro_sayur::events::amqp {

/// Open for `declare` and `serve`.
inline constexpr amqp_channel_t main_channel = 1;

class reconnecting_thread {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What the owner does, all on the thread.
  struct work {
    std::function<void(connection&)> declare;  ///< what the broker must have, on main_channel; throws when it cannot
    std::function<void(connection&)> serve;    ///< until the work is done or `stopping`; throws when the connection is lost
    std::function<void()> disconnected;        ///< after a connection was lost or could not be made
    std::function<bool()> tick;                ///< while there is no connection, at each `wake` and then; true: the work is done
    std::function<void()> ended;               ///< the last thing that the thread does
  };

  reconnecting_thread(connection_parameters parameters, work what);

  /// Asks the thread to stop and joins it: at once when it waits, at most the connect time-out when it connects.
  ~reconnecting_thread();
  reconnecting_thread(const reconnecting_thread&) = delete;
  reconnecting_thread& operator=(const reconnecting_thread&) = delete;

  /// Once. May be left out: then nothing ever runs.
  void start();

  /// Thread-safe: ends the current or next `wait`.
  void wake() const noexcept { waker_.wake(); }
  bool connected() const noexcept { return connected_; }

  /// Why nothing goes through, with the broker's address; empty while it does. A broker that asks publishers to wait is given ten seconds.
  /// Thread-safe.
  std::string fault() const;

  /// For the thread itself.
  bool stopping() const noexcept { return stopping_; }

  /// To be told after each look at the connection, by a publisher.
  void note_blocked(const connection& on);

  /// Waits for bytes on the connection (when there is one), for `wake`, or until `until`; at most a second, for heartbeats.
  void wait(const connection* on, time_point until) const;

 private:
  void run();
  bool serve_once();
  bool rest();
  void set_fault(const std::string& why);

  connection_parameters parameters_;
  work work_;
  async::backoff backoff_{std::chrono::milliseconds(100), std::chrono::milliseconds(5'000)};
  mutable std::mutex mutex_;
  std::string fault_ = "not connected yet";
  std::string blocked_reason_;
  std::optional<std::chrono::steady_clock::time_point> blocked_since_;
  waker waker_;
  std::atomic<bool> connected_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace micro_sayur::events::amqp
