// SPDX-License-Identifier: Apache-2.0
// Messages as they are sent.
#pragma once

#include "platform/events/amqp/connection.hpp"

#include <string>
#include <utility>
#include <vector>

namespace micro_sayur::events::amqp {

inline constexpr std::string_view content_type = "application/cloudevents+json";

struct message {
  std::string exchange;
  std::string routing_key;
  std::string id;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Publishes on `channel`, persistent and mandatory.
void send(connection& to, amqp_channel_t channel, const message& what);

/// The textual headers of a message that was received.
std::vector<std::pair<std::string, std::string>> text_headers(const amqp_basic_properties_t& properties);

}  // namespace micro_sayur::events::amqp
