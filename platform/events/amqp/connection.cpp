// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/connection.hpp"

#include "platform/base/foreign_text.hpp"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <vector>

namespace micro_sayur::events::amqp {
namespace {

timeval to_timeval(std::chrono::milliseconds duration) {
  return {.tv_sec = duration.count() / 1000, .tv_usec = (duration.count() % 1000) * 1000};
}

amqp_table_entry_t text_entry(std::string_view key, std::string_view value) {
  return {.key = to_bytes(key), .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = to_bytes(value)}}};
}

amqp_table_entry_t true_entry(std::string_view key) {
  return {.key = to_bytes(key), .value = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value = {.boolean = 1}}};
}

amqp_table_t to_table(std::vector<amqp_table_entry_t>& entries) {
  return {.num_entries = static_cast<int>(entries.size()), .entries = entries.data()};
}

/// What the broker says when it closes a channel or the connection.
std::string closing_text(const amqp_method_t& method) {
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD)
    return foreign_text(to_view(static_cast<amqp_connection_close_t*>(method.decoded)->reply_text));
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD) return foreign_text(to_view(static_cast<amqp_channel_close_t*>(method.decoded)->reply_text));
  return fmt::format("unexpected method {}", amqp_method_name(method.id));
}

amqp_socket_t* make_tls_socket(amqp_connection_state_t state, const std::string& ca_file) {
  auto* socket = amqp_ssl_socket_new(state);
  if (!socket) throw connection_error("cannot make a TLS socket");
  amqp_ssl_socket_set_verify_peer(socket, 1);
  amqp_ssl_socket_set_verify_hostname(socket, 1);
  amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
  if (ca_file.empty())
    SSL_CTX_set_default_verify_paths(static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket)));
  else if (amqp_ssl_socket_set_cacert(socket, ca_file.c_str()) != AMQP_STATUS_OK)
    throw connection_error(fmt::format("cannot read the certificate authorities in {}", ca_file));
  return socket;
}

}  // namespace

amqp_bytes_t to_bytes(std::string_view text) { return {.len = text.size(), .bytes = const_cast<char*>(text.data())}; }

std::string_view to_view(amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

connection::connection(const connection_parameters& parameters) : state_(amqp_new_connection()) {
  if (!state_) throw std::bad_alloc();
  open_socket(parameters);
  log_in(parameters);
  // An answer to a synchronous method, and unsent bytes, may take as long as silence of the peer: two heartbeats.
  const auto patience = to_timeval(parameters.heartbeat * 2);
  check(amqp_set_rpc_timeout(native(), &patience), "set a time-out");
}

void connection::open_socket(const connection_parameters& parameters) {
  auto* made = parameters.tls ? make_tls_socket(native(), parameters.ca_file) : amqp_tcp_socket_new(native());
  if (!made) throw connection_error("cannot make a socket");
  const auto timeout = to_timeval(parameters.connect_timeout);
  check(amqp_socket_open_noblock(made, parameters.host.c_str(), parameters.port, &timeout),
        fmt::format("connect to {}:{}", parameters.host, parameters.port));
  // rabbitmq-c writes without a time-out: bytes that stay unacknowledged this long break the connection instead.
  const auto patience = static_cast<unsigned>(std::chrono::milliseconds(parameters.heartbeat * 2).count());
  if (::setsockopt(socket(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience) != 0)
    throw connection_error("cannot set TCP_USER_TIMEOUT");
}

void connection::log_in(const connection_parameters& parameters) {
  const auto timeout = to_timeval(parameters.connect_timeout);
  check(amqp_set_handshake_timeout(native(), &timeout), "set a time-out");
  std::vector<amqp_table_entry_t> capabilities{true_entry("connection.blocked"), true_entry("publisher_confirms"), true_entry("basic.nack"),
                                               true_entry("consumer_cancel_notify"), true_entry("authentication_failure_close")};
  std::vector<amqp_table_entry_t> properties{text_entry("connection_name", parameters.name)};
  properties.push_back(
      {.key = to_bytes("capabilities"), .value = {.kind = AMQP_FIELD_KIND_TABLE, .value = {.table = to_table(capabilities)}}});
  const auto table = to_table(properties);
  const auto password = parameters.password();
  check(amqp_login_with_properties(native(), parameters.virtual_host.c_str(), AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE,
                                   static_cast<int>(parameters.heartbeat.count()), &table, AMQP_SASL_METHOD_PLAIN, parameters.user.c_str(),
                                   password.c_str()),
        "log in");
}

int connection::socket() const { return amqp_get_sockfd(native()); }

void connection::open_channel(amqp_channel_t channel) {
  amqp_channel_open(native(), channel);
  check_last("open a channel");
}

void connection::declare(const topology& wanted, amqp_channel_t channel) {
  declare_exchange(wanted.exchange, topology::exchange_type, channel);
  declare_exchange(wanted.dead_letter_exchange(), "direct", channel);
  // at-least-once dead-lettering is possible only together with reject-publish
  declare_queue(wanted.queue,
                {text_entry("x-queue-type", "quorum"), text_entry("x-overflow", "reject-publish"),
                 text_entry("x-dead-letter-exchange", wanted.dead_letter_exchange()), text_entry("x-dead-letter-routing-key", wanted.queue),
                 text_entry("x-dead-letter-strategy", "at-least-once")},
                channel);
  declare_queue(wanted.dead_letter_queue(), {text_entry("x-queue-type", "quorum"), text_entry("x-overflow", "reject-publish")}, channel);
  for (const auto& key : wanted.routing_keys) bind(wanted.queue, wanted.exchange, key, channel);
  bind(wanted.dead_letter_queue(), wanted.dead_letter_exchange(), wanted.queue, channel);
}

void connection::declare_exchange(const std::string& name, std::string_view type, amqp_channel_t channel) {
  amqp_exchange_declare(native(), channel, to_bytes(name), to_bytes(type), 0, 1, 0, 0, amqp_empty_table);
  check_last("declare exchange " + name);
}

void connection::declare_queue(const std::string& name, std::initializer_list<amqp_table_entry_t> arguments, amqp_channel_t channel) {
  std::vector<amqp_table_entry_t> entries(arguments);
  amqp_queue_declare(native(), channel, to_bytes(name), 0, 1, 0, 0, to_table(entries));
  check_last("declare queue " + name);
}

void connection::bind(const std::string& queue, const std::string& exchange, std::string_view routing_key, amqp_channel_t channel) {
  amqp_queue_bind(native(), channel, to_bytes(queue), to_bytes(exchange), to_bytes(routing_key), amqp_empty_table);
  check_last("bind queue " + queue);
}

void connection::confirm_select(amqp_channel_t channel) {
  amqp_confirm_select(native(), channel);
  check_last("ask for confirms");
}

std::optional<amqp_frame_t> connection::next_frame() {
  while (true) {
    amqp_frame_t frame;
    const timeval now{};
    const int status = amqp_simple_wait_frame_noblock(native(), &frame, &now);
    if (status == AMQP_STATUS_TIMEOUT) return std::nullopt;
    check(status, "read");
    if (frame.frame_type != AMQP_FRAME_METHOD) return frame;
    switch (frame.payload.method.id) {
      case AMQP_CONNECTION_BLOCKED_METHOD:
        blocked_ = foreign_text(to_view(static_cast<amqp_connection_blocked_t*>(frame.payload.method.decoded)->reason));
        break;
      case AMQP_CONNECTION_UNBLOCKED_METHOD: blocked_.reset(); break;
      case AMQP_CONNECTION_CLOSE_METHOD:
      case AMQP_CHANNEL_CLOSE_METHOD: throw connection_error("closed by the broker: " + closing_text(frame.payload.method));
      default: return frame;
    }
  }
}

void connection::read_message(amqp_channel_t channel, amqp_message_t& message) {
  check(amqp_read_message(native(), channel, &message, 0), "read a message");
}

void connection::release_buffers() { amqp_maybe_release_buffers(native()); }

void connection::close() { check(amqp_connection_close(native(), AMQP_REPLY_SUCCESS), "close the connection"); }

void connection::check(amqp_rpc_reply_t reply, std::string_view doing) const {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL: return;
    case AMQP_RESPONSE_LIBRARY_EXCEPTION: check(reply.library_error, doing); break;
    case AMQP_RESPONSE_SERVER_EXCEPTION: throw connection_error(fmt::format("cannot {}: {}", doing, closing_text(reply.reply)));
    case AMQP_RESPONSE_NONE: break;
  }
  throw connection_error(fmt::format("cannot {}: no answer", doing));
}

void connection::check(int status, std::string_view doing) const {
  if (status != AMQP_STATUS_OK) throw connection_error(fmt::format("cannot {}: {}", doing, amqp_error_string2(status)));
}

void connection::check_last(std::string_view doing) const { check(amqp_get_rpc_reply(native()), doing); }

}  // namespace micro_sayur::events::amqp
