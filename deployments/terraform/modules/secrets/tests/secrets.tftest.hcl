# SPDX-License-Identifier: Apache-2.0
# Not mocked: what is ephemeral cannot be. tests/terraform/test_environments.py runs this on moto.
variables {
  environment          = "test"
  kms_key_arn          = "alias/aws/secretsmanager"
  recovery_window_days = 0
  smtp_login           = { username = "AKIA", password = "p" }
}

run "entries_are_those_of_the_component_external_secrets" {
  assert {
    condition = output.names == [for name in ["admin", "database-owner", "exporter-database", "exporter-redis", "jwt-keys", "notification-service-database", "notification-service-rabbitmq",
    "notification-service-redis", "rabbitmq", "redis", "smtp", "user-service-database", "user-service-rabbitmq", "user-service-redis"] : "micro-sayur/test/${name}"]
    error_message = jsonencode(output.names)
  }
  assert {
    condition     = sort(keys(output.redis_passwords)) == tolist(["default", "exporter", "notification_service", "user_service"]) && alltrue([for password in concat(values(output.redis_passwords), [output.rabbitmq_password]) : length(password) == 40]) && length(distinct(concat(values(output.redis_passwords), [output.rabbitmq_password]))) == 5
    error_message = "what ElastiCache and Amazon MQ are told is what the entries have"
  }
  assert {
    condition     = alltrue([for version in aws_secretsmanager_secret_version.generated : version.secret_string == "" && version.secret_string_wo == null])
    error_message = "only write-only arguments may carry passwords"
  }
}

run "the_same_passwords_the_next_time" {
  assert {
    condition     = output.redis_passwords == run.entries_are_those_of_the_component_external_secrets.redis_passwords
    error_message = "an apply without a change must not make new passwords"
  }
}

run "and_others_when_asked" {
  variables {
    generations = { redis = 2 }
  }
  assert {
    condition     = output.redis_passwords["default"] != run.entries_are_those_of_the_component_external_secrets.redis_passwords["default"]
    error_message = "a new generation is a new password"
  }
  assert {
    condition     = output.rabbitmq_password == run.entries_are_those_of_the_component_external_secrets.rabbitmq_password
    error_message = "RabbitMQ's was not asked for, and Amazon MQ would not have taken it from here"
  }
}

run "of_an_entry_that_is_not_made_here" {
  command = plan
  variables {
    generations = { jwt-keys = 2 }
  }
  expect_failures = [var.generations]
}

run "a_window_that_aws_refuses" {
  command = plan
  variables {
    recovery_window_days = 3
  }
  expect_failures = [var.recovery_window_days]
}
