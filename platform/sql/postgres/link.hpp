// SPDX-License-Identifier: Apache-2.0
// A libpq session whose socket Asio watches.
#pragma once

#include "platform/sql/postgres/postgres.hpp"
#include "platform/sql/postgres/server_address.hpp"

#include <libpq-fe.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace micro_sayur::sql::postgres {

enum class access { read_only, read_write };

struct clear_result {
  void operator()(PGresult* result) const { PQclear(result); }
};
using result_pointer = std::unique_ptr<PGresult, clear_result>;

/// Used on one core only.
class link {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using descriptor = boost::asio::posix::basic_stream_descriptor<async::executor>;

  explicit link(async::executor where) : where_(where), socket_(where) {}
  ~link() { close(); }
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Resolves, connects and authenticates without blocking; ends in pipeline mode. Throws `unavailable` with the server's words, or when
  /// the session does not see the schema.
  async::task<> open(const settings& with, access mode);

  /// What waits on the socket gets operation_aborted.
  void close();

  PGconn* get() const { return session_.get(); }
  descriptor& socket() { return socket_; }

  /// Whether the server may be a standby, and whether it takes no writes. It says so with its answers; a pooler repeats what it once heard,
  /// so that behind one it counts what the server answered when the session was opened.
  bool is_at_standby() const;
  bool only_reads() const;

  /// libpq's last words, on one line.
  std::string error_message() const;

 private:
  struct finish {
    void operator()(PGconn* session) const { PQfinish(session); }
  };

  async::task<std::vector<server_address>> resolve_within(const settings& with, time_point deadline);
  async::task<> choose_server(const settings& with, access mode, std::vector<server_address> servers, time_point deadline);
  async::task<> connect(const settings& with, access mode, server_address server, time_point deadline);
  async::task<> shake_hands(const settings& with, access mode, const server_address& server);
  async::task<> ask_session(const settings& with, access mode);
  async::task<result_pointer> next_result();
  bool is_told(const char* setting) const;
  void watch();
  void unwatch();

  async::executor where_;
  std::unique_ptr<PGconn, finish> session_;
  descriptor socket_;
  bool is_behind_pooler_ = false;
  bool opened_to_read_ = false;
  server_address last_;  ///< which answered; it is tried first
};

}  // namespace micro_sayur::sql::postgres
