# SPDX-License-Identifier: Apache-2.0
# Redis 7: TLS, users with the rights of their work, and a replica in another zone that takes over.
resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-cache"
  description = "Redis from the cluster"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  security_group_id            = aws_security_group.this.id
  description                  = "Redis from nodes and pods"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# Nothing is forgotten when memory is short: that would end somebody's delay. What the services may fill: tools/redis_memory.py.
resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-redis7"
  family      = "redis7"
  description = "refuses writes when memory is short"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_cloudwatch_log_group" "slow" {
  #checkov:skip=CKV_AWS_338:a year is kept in production (log_retention_days); a trial environment keeps less
  name              = "/micro-sayur/${var.name}/redis-slow"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

locals {
  rules = regexall("(?m)^user (\\S+) on >\\{\\{ \\S+ \\}\\} (.*)$", file("${path.module}/../../../compose/redis-users.acl"))
  users = { for rule in local.rules : rule[0] => "on ${rule[1]}" }
}

resource "aws_elasticache_user" "this" {
  for_each      = local.users
  user_id       = "${var.name}-${split("_", each.key)[0]}"
  user_name     = each.key
  access_string = each.value
  engine        = "redis"
  passwords     = [var.passwords[each.key]]
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = var.name
  engine        = "redis"
  user_ids      = [for user in aws_elasticache_user.this : user.user_id]
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "sessions that ended, counters and cached profiles"
  engine               = "redis"
  engine_version       = "7.1"
  parameter_group_name = aws_elasticache_parameter_group.this.name
  node_type            = var.node_type
  num_cache_clusters   = var.nodes
  port                 = 6379

  automatic_failover_enabled = true
  multi_az_enabled           = true
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.this.id]

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  auto_minor_version_upgrade = true
  snapshot_retention_limit   = 1
  snapshot_window            = "19:30-20:30"
  maintenance_window         = "sun:21:00-sun:22:00"

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.slow.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}
