// SPDX-License-Identifier: Apache-2.0
// The HTTP/1.1 server (RFC 9110, RFC 9112): accepts on core 0 and hands each connection to one core for life.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/base/system.hpp"
#include "platform/http/dispatcher.hpp"
#include "platform/http/forwarded.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace micro_sayur::http {

struct server_settings {
  std::string host = "127.0.0.1";  ///< an IP address
  std::uint16_t port = 0;          ///< 0: any free one
  std::size_t header_limit = 16U << 10;
  std::size_t connection_limit = 10'000;             ///< lowered to what RLIMIT_NOFILE leaves; idle ones are closed from nine tenths on
  std::size_t connections_per_client = 256;          ///< at least 1
  std::size_t unread_limit = 32U << 20;              ///< bytes of answers that are held for clients; beyond, the slowest are dropped
  std::chrono::milliseconds header_timeout{10'000};  ///< from the first byte of a request to the end of its header
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};
  proxy_chain proxies;
  /// Beside trusted proxies, whose connections_per_client has no limit.
  std::function<bool(const boost::asio::ip::address&)> is_unlimited = [](const auto&) { return false; };
};

/// An address cannot be listened on; what() is the address and the reason.
class listen_error : public std::runtime_error {
 public:
  listen_error(std::string_view address, const std::string& reason) : std::runtime_error(std::string(address) + ": " + reason) {}
};

/// Used on core 0 of the runtime. `runtime`, `dispatch`, `clock` and `random` outlive it; it must be stopped before it is destroyed.
class server {
 public:
  /// Binds and listens at once. Throws listen_error naming address and reason ("127.0.0.1:8080: Address already in use").
  server(async::runtime& runtime, dispatcher& dispatch, const clock_source& clock, random_source& random, server_settings settings);
  ~server();

  std::uint16_t port() const;

  /// Starts accepting.
  void start();

  /// Accepts nothing more, closes idle connections, lets requests finish until `grace` has passed, then closes the rest and cancels their
  /// handlers. When it returns no handler runs any more.
  async::task<> stop(std::chrono::steady_clock::duration grace);

  /// Open connections. Thread-safe.
  std::size_t connections() const;

  /// Connections that were closed as they came: because of connections_per_client, and of connection_limit. Thread-safe.
  struct refusals {
    std::uint64_t of_clients;
    std::uint64_t of_all;
  };
  refusals refused() const;

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

/// Raises the soft limit of open files to the hard limit and returns it.
std::size_t raise_file_limit();

}  // namespace micro_sayur::http
