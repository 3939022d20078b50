// SPDX-License-Identifier: Apache-2.0
// One connection: keeps itself open, writes commands together and answers them in order.
#pragma once

#include "platform/async/alarm.hpp"
#include "platform/async/reply.hpp"
#include "platform/cache/redis/protocol.hpp"
#include "platform/cache/redis/redis.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace micro_sayur::cache::redis {

/// What all connections share; immutable.
struct target {
  settings with;
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< null: plain TCP
};

/// Used on one core only. Its own task, `run`, reads; writing happens whenever there is something to write.
class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(async::executor where, std::shared_ptr<const target> to);

  /// Connects, serves and reconnects until it is cancelled.
  async::task<> run();

  /// Commands with one reply each, written together; answers with the first reply, or throws the first refusal. Throws `unavailable`.
  async::task<answer> send(std::string commands, std::size_t replies);

  std::size_t in_flight() const { return in_flight_.size(); }

  /// How often it was opened. Thread-safe.
  std::uint64_t opened() const { return opened_.load(std::memory_order_relaxed); }

 private:
  using time_point = std::chrono::steady_clock::time_point;
  using socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, async::executor>;
  using tls_stream = boost::asio::ssl::stream<socket&>;

  struct request {
    std::size_t replies;
    time_point deadline;
    async::reply<answer> reply = {};
    std::optional<answer> first = {};
  };

  async::task<> open();
  async::task<> greet();
  async::task<answer> ask(std::string command);
  async::task<std::size_t> read_some();
  async::task<> write_all(const std::string& data);
  async::task<> serve();
  async::task<> write_pending();
  void enqueue(const std::string& commands, request what);
  void take(answer from);
  void lose(const std::string& reason);
  void expire();
  void close_socket();

  async::executor where_;
  std::shared_ptr<const target> to_;
  std::string fault_ = "not connected yet";
  socket socket_;
  std::unique_ptr<tls_stream> tls_;  ///< null: plain TCP
  std::array<char, 16384> buffer_;
  reader reader_;
  bool ready_ = false;
  std::atomic<std::uint64_t> opened_{0};
  async::event written_;  ///< set while no writer runs
  std::string pending_;
  std::deque<request> in_flight_;
  async::alarm alarm_;
};

}  // namespace micro_sayur::cache::redis
