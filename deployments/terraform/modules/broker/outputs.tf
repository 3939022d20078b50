# SPDX-License-Identifier: Apache-2.0
output "host" {
  description = "Name of the broker: amqps://HOST:5671."
  value       = try(regex("^amqps://([^:/]+)", aws_mq_broker.this.instances[0].endpoints[0])[0], "")
}

output "port" {
  description = "Port of AMQP over TLS, the only one that Amazon MQ opens."
  value       = 5671
}
