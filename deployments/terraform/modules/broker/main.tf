# SPDX-License-Identifier: Apache-2.0
# Amazon MQ for RabbitMQ; docs/adr/0014-amazon-mq.md says why not MSK.
resource "aws_security_group" "this" {
  name        = "${var.name}-broker"
  description = "AMQP over TLS from the cluster"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-broker" }
}

# 5671 is AMQP, 443 the management page and API.
resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each                     = { amqps = 5671, management = 443 }
  security_group_id            = aws_security_group.this.id
  description                  = "${each.key} from nodes and pods"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_mq_configuration" "this" {
  name           = var.name
  description    = "as deployments/compose/rabbitmq.conf where Amazon MQ lets one choose"
  engine_type    = "RabbitMQ"
  engine_version = "3.13"
  data           = "consumer_timeout = 1800000\n"
}

resource "aws_mq_broker" "this" {
  #checkov:skip=CKV_AWS_209:Amazon MQ takes no key of the customer's for RabbitMQ ("encryptionOptions is not supported for RabbitMQ brokers"); it encrypts with one of its own
  #checkov:skip=CKV_AWS_48:as far as RabbitMQ has them: audit logs are ActiveMQ's
  #checkov:skip=CKV_AWS_197:audit logs are ActiveMQ's
  broker_name                = var.name
  engine_type                = "RabbitMQ"
  engine_version             = "3.13"
  host_instance_type         = var.instance_type
  deployment_mode            = var.deployment_mode
  publicly_accessible        = false
  subnet_ids                 = var.deployment_mode == "CLUSTER_MULTI_AZ" ? var.subnet_ids : slice(var.subnet_ids, 0, 1)
  security_groups            = [aws_security_group.this.id]
  auto_minor_version_upgrade = true
  apply_immediately          = false

  configuration {
    id       = aws_mq_configuration.this.id
    revision = aws_mq_configuration.this.latest_revision
  }

  logs {
    general = true
  }

  maintenance_window_start_time {
    day_of_week = "SUNDAY"
    time_of_day = "22:00"
    time_zone   = "UTC"
  }

  user {
    username = "micro_sayur"
    password = var.password
  }
}
