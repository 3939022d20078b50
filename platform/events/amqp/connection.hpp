// SPDX-License-Identifier: Apache-2.0
// One connection to RabbitMQ over rabbitmq-c, owned and used by one thread that may block.
#pragma once

#include "platform/events/amqp/topology.hpp"

#include <amqp.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace micro_sayur::events::amqp {

struct connection_parameters {
  std::string host;
  std::uint16_t port = 5672;
  std::string virtual_host = "/";
  std::string user;
  std::function<std::string()> password;  ///< asked at each connection, on the transport's thread
  bool tls = false;                       ///< TLS 1.2 or later; the server's certificate must be valid and bear `host`
  std::string ca_file;                    ///< PEM; empty: the system's authorities
  std::string name;                       ///< shown in the broker's list of connections
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::seconds heartbeat{10};  ///< a peer that is silent for two of them is dead
};

/// The connection is lost, or could not be made; what() says why, without secrets.
class connection_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Text as rabbitmq-c wants it; valid as long as `text`.
amqp_bytes_t to_bytes(std::string_view text);
std::string_view to_view(amqp_bytes_t bytes);

/// Every member throws connection_error once the connection cannot be used any more.
class connection {
 public:
  /// Connects and logs in, within the parameters' time-out.
  explicit connection(const connection_parameters& parameters);

  int socket() const;
  amqp_connection_state_t native() const { return state_.get(); }

  void open_channel(amqp_channel_t channel);

  /// On `channel`; what exists already must be the same.
  void declare_exchange(const std::string& name, std::string_view type, amqp_channel_t channel);
  void declare(const topology& wanted, amqp_channel_t channel);

  /// Publisher confirms on `channel`: its messages count from 1.
  void confirm_select(amqp_channel_t channel);

  /// The next frame that has arrived; nullopt when there is none. Keeps the heartbeat. A close by the broker throws.
  std::optional<amqp_frame_t> next_frame();

  /// The properties and body that follow the frame of a basic.return.
  void read_message(amqp_channel_t channel, amqp_message_t& message);

  /// Whether the broker has asked publishers to wait.
  bool blocked() const { return blocked_.has_value(); }

  /// Why, in the broker's words; empty when it has not.
  std::string blocked_reason() const { return blocked_.value_or(""); }

  /// Gives back the memory of frames that have been handled.
  void release_buffers();

  /// Says good-bye; the destructor merely disconnects.
  void close();

  void check(amqp_rpc_reply_t reply, std::string_view doing) const;
  void check(int status, std::string_view doing) const;
  /// After a synchronous method that returns a pointer.
  void check_last(std::string_view doing) const;

 private:
  struct destroy {
    void operator()(amqp_connection_state_t state) const { amqp_destroy_connection(state); }
  };

  void open_socket(const connection_parameters& parameters);
  void log_in(const connection_parameters& parameters);
  void declare_queue(const std::string& name, std::initializer_list<amqp_table_entry_t> arguments, amqp_channel_t channel);
  void bind(const std::string& queue, const std::string& exchange, std::string_view routing_key, amqp_channel_t channel);

  std::unique_ptr<std::remove_pointer_t<amqp_connection_state_t>, destroy> state_;
  std::optional<std::string> blocked_;
};

}  // namespace micro_sayur::events::amqp
