# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {}

variables {
  name                     = "micro-sayur-test"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1", "subnet-2", "subnet-3"]
  client_security_group_id = "sg-1"
  kms_key_arn              = "arn:aws:kms:ap-southeast-3:123456789012:key/1"
  log_retention_days       = 30
  node_type                = "cache.t3.micro"
  nodes                    = 2
  passwords                = { default = "abcdefghijkl1234", notification_service = "abcdefghijkl1235", user_service = "abcdefghijkl1236", exporter = "abcdefghijkl1237" }
}

run "tls_and_users" {
  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_mode == "required" && aws_elasticache_replication_group.this.user_group_ids == toset(["micro-sayur-test"])
    error_message = "Redis must speak TLS and know its users"
  }
  assert {
    condition     = { for name, user in aws_elasticache_user.this : name => user.user_id } == { default = "micro-sayur-test-default", exporter = "micro-sayur-test-exporter", notification_service = "micro-sayur-test-notification", user_service = "micro-sayur-test-user" }
    error_message = jsonencode(keys(aws_elasticache_user.this))
  }
  assert {
    condition     = aws_elasticache_user.this["notification_service"].access_string == "on %R~session:* ~written:notification-service:* -@all +get +set +ping" && aws_elasticache_user.this["user_service"].passwords == toset(["abcdefghijkl1236"])
    error_message = "rules are those of deployments/compose/redis-users.acl, passwords their own"
  }
  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "a replica must take over"
  }
}

run "one_node_cannot_take_over" {
  command = plan
  variables {
    nodes = 1
  }
  expect_failures = [var.nodes]
}

run "no_type_of_elasticache" {
  command = plan
  variables {
    node_type = "db.t3.micro"
  }
  expect_failures = [var.node_type]
}

run "a_name_too_long" {
  command = plan
  variables {
    name = "micro-sayur-with-a-name-that-is-longer-than-forty"
  }
  expect_failures = [var.name]
}
