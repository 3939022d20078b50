// SPDX-License-Identifier: Apache-2.0
// One client's connection: reads requests in order and answers each before the next.
#pragma once

#include "platform/async/event.hpp"
#include "platform/async/task_group.hpp"
#include "platform/http/dispatcher.hpp"
#include "platform/http/request_head.hpp"
#include "platform/http/serialize.hpp"
#include "platform/http/server.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <list>
#include <optional>
#include <random>
#include <string>

namespace micro_sayur::http {

using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, async::executor>;

class connection;

/// What the connections of one core share. Touched only on that core.
struct core_state {
  core_state(async::executor where_, const server_settings& settings_, std::size_t unread_limit_, dispatcher& dispatch_,
             const clock_source& clock_, std::uint64_t seed)
      : where(where_),
        settings(settings_),
        unread_limit(unread_limit_),
        dispatch(dispatch_),
        clock(clock_),
        ids(seed),
        empty(where_),
        running(where_) {}

  /// Ends the connection that has been idle for longest, if any is.
  void close_oldest_idle();

  /// Ends connections whose clients do not read their answers, the oldest first, until what is held for clients fits.
  void close_unread();

  async::executor where;
  const server_settings& settings;
  const std::size_t unread_limit;  ///< bytes
  dispatcher& dispatch;
  const clock_source& clock;
  std::mt19937_64 ids;          ///< request and trace ids: unique, not secret
  std::list<connection*> open;  ///< in the order in which they last became idle
  std::size_t unread = 0;       ///< bytes of answers that clients have not read yet
  bool draining = false;
  async::event empty;
  async::task_group running;  ///< the connections' coroutines
};

/// Lives in its `run` coroutine.
class connection {
 public:
  connection(core_state& core, tcp_socket socket, boost::asio::ip::address peer);
  ~connection();

  async::task<> run();

  /// Ends the connection when its current step took too long. Called by the core's sweeper.
  void expire(std::chrono::steady_clock::time_point now);

  /// Ends an idle connection; a busy one ends after its answer, or soon when its request is still on the way.
  void drain();

  void close();

  bool is_idle() const { return step_ == step::idle; }

  /// Gives up what its client has not read.
  void close_unread();

 private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class step { idle, header, body, handler, write, linger };

  async::task<bool> serve_one();
  async::task<bool> read_header();
  async::task<bool> read_body(std::size_t limit);
  async::task<bool> read_more();
  async::task<> refuse(problem why);
  async::task<bool> send(const response& answer, framing how);
  async::task<> linger();

  void enter(step next);
  void hurry();
  void begin_request();
  void take_header();
  void make_trace_ids();
  void make_request_id();
  problem refusal_of(const boost::system::error_code& error) const;

  core_state& core_;
  std::list<connection*>::iterator position_;
  tcp_socket socket_;
  boost::asio::ip::address peer_;
  boost::beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  request request_;
  std::string verb_text_;
  std::string output_;
  std::size_t unread_ = 0;  ///< of core_state::unread
  step step_ = step::idle;
  std::chrono::steady_clock::time_point deadline_;
  bool timed_out_ = false;
};

}  // namespace micro_sayur::http
