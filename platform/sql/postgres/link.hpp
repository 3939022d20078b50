// SPDX-License-Identifier: Apache-2.0
// A libpq session whose socket Asio watches.
#pragma once

#include "platform/sql/postgres/postgres.hpp"

#include <libpq-fe.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <memory>
#include <string>

namespace micro_sayur::sql::postgres {

enum class access { read_only, read_write };

/// Used on one core only.
class link {
 public:
  using descriptor = boost::asio::posix::basic_stream_descriptor<async::executor>;

  explicit link(async::executor where) : where_(where), socket_(where) {}
  ~link() { close(); }
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Resolves, connects and authenticates without blocking; ends in pipeline mode. Throws `unavailable` with the server's words.
  async::task<> open(const settings& with, access mode);

  /// What waits on the socket gets operation_aborted.
  void close();

  PGconn* get() const { return session_.get(); }
  descriptor& socket() { return socket_; }

  /// Whether the server says "on" for a setting that it reports by itself.
  bool is_told(const char* setting) const;

  /// libpq's last words, on one line.
  std::string error_message() const;

 private:
  struct finish {
    void operator()(PGconn* session) const { PQfinish(session); }
  };

  async::task<> shake_hands(const settings& with, access mode, std::string addresses, std::string wanted_server);
  async::task<> choose_server(const settings& with, access mode, std::string addresses);
  void watch();
  void unwatch();

  async::executor where_;
  std::unique_ptr<PGconn, finish> session_;
  descriptor socket_;
};

}  // namespace micro_sayur::sql::postgres
