// SPDX-License-Identifier: Apache-2.0
#include "platform/events/amqp/configuration.hpp"

#include "platform/config/advice.hpp"

#include <array>

namespace micro_sayur::events::amqp {

connection_parameters read_settings(config::reader& from, std::string name) {
  connection_parameters out;
  out.host = from.required_host("RABBITMQ_HOST", "name or address of the RabbitMQ broker");
  out.port = from.port("RABBITMQ_PORT", "its port", 5672);
  out.user = from.text("RABBITMQ_USER", "user to log in as", "micro_sayur");
  const auto password = from.required_secret("RABBITMQ_PASSWORD", "the user's password");
  out.password = [password] { return password.read(); };
  out.virtual_host = from.text("RABBITMQ_VHOST", "virtual host", "/");
  out.tls = from.boolean("RABBITMQ_TLS",
                         "TLS to RabbitMQ, whose certificate must name RABBITMQ_HOST (as a DNS name: addresses are not compared)", false);
  from.plaintext("RABBITMQ", out.tls, "RABBITMQ_TLS", "true");
  out.ca_file = from.authorities("RABBITMQ_CA_FILE", "certificate authorities of RabbitMQ (PEM)");
  out.name = std::move(name);
  return out;
}

std::string advice(std::string_view why) {
  static constexpr std::array hints{
      config::hint{"takes no messages", "its memory or its disk is full: its alarms (rabbitmq-diagnostics alarms)"},
      config::hint{"ACCESS_REFUSED",
                   "it refuses the login or the right to do this: RABBITMQ_USER, RABBITMQ_PASSWORD_FILE, and the user's permissions"},
      config::hint{"NOT_ALLOWED", "its virtual host is not there for this user: RABBITMQ_VHOST and RABBITMQ_USER"},
      config::hint{"PRECONDITION_FAILED", "a queue or exchange was declared otherwise before: delete it, or let an operator mend it"},
      config::hint{"SSL", "TLS failed: RABBITMQ_TLS, RABBITMQ_PORT, RABBITMQ_CA_FILE, and whether the certificate names RABBITMQ_HOST"},
      config::hint{"certificate", "RABBITMQ_CA_FILE"},
      config::hint{"hostname lookup failed", "nobody knows the name: RABBITMQ_HOST"},
      config::hint{"socket error", "nothing listens there, or it hung up: whether it runs, RABBITMQ_HOST, RABBITMQ_PORT and RABBITMQ_TLS"},
  };
  return config::advice_for(why, hints, "whether it runs and can be reached, RABBITMQ_HOST and RABBITMQ_PORT");
}

}  // namespace micro_sayur::events::amqp
