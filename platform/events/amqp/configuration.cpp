// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/configuration.hpp"

namespace micro_sayur::events::amqp {

connection_parameters read_settings(config::reader& from, std::string name) {
  connection_parameters out;
  out.host = from.required_text("RABBITMQ_HOST", "name or address of the RabbitMQ broker");
  out.port = from.port("RABBITMQ_PORT", "its port", 5672);
  out.user = from.text("RABBITMQ_USER", "user to log in as", "micro_sayur");
  const auto password = from.required_secret("RABBITMQ_PASSWORD", "the user's password");
  out.password = [password] { return password.read(); };
  out.virtual_host = from.text("RABBITMQ_VHOST", "virtual host", "/");
  out.tls = from.boolean("RABBITMQ_TLS",
                         "TLS to RabbitMQ, whose certificate must name RABBITMQ_HOST (as a DNS name: addresses are not compared)", false);
  out.ca_file = from.text("RABBITMQ_CA_FILE", "certificate authorities of RabbitMQ (PEM)", "");
  out.name = std::move(name);
  return out;
}

}  // namespace micro_sayur::events::amqp
