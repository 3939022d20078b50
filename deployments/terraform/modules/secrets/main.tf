# SPDX-License-Identifier: Apache-2.0
# The entries that deployments/k8s/components/external-secrets reads: each a JSON object, most with username and password.
locals {
  # Entry -> its user. The passwords are made here.
  generated = {
    admin                         = "admin"
    database-owner                = "micro_sayur_owner"
    exporter-database             = "exporter"
    exporter-redis                = "exporter"
    notification-service-database = "notification_service"
    notification-service-rabbitmq = "notification_service"
    notification-service-redis    = "notification_service"
    rabbitmq                      = "micro_sayur"
    redis                         = "default"
    user-service-database         = "user_service"
    user-service-rabbitmq         = "user_service"
    user-service-redis            = "user_service"
  }
  # jwt-keys is made by the program itself and put in by hand: docs/operations/aws.md.
  entries = setunion(keys(local.generated), ["jwt-keys", "smtp"])
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:a rotation takes a step in the server that knows the password too; docs/operations/aws.md has them
  for_each                = local.entries
  name                    = "micro-sayur/${var.environment}/${each.key}"
  description             = "read by external-secrets"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_days
}

# Made while applying and written once: neither the plan nor the state holds them.
ephemeral "aws_secretsmanager_random_password" "this" {
  for_each            = local.generated
  password_length     = 40
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "generated" {
  for_each  = local.generated
  secret_id = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo = jsonencode({
    username = each.value
    password = ephemeral.aws_secretsmanager_random_password.this[each.key].random_password
  })
  secret_string_wo_version = lookup(var.generations, each.key, 1)
}

resource "aws_secretsmanager_secret_version" "smtp" {
  secret_id     = aws_secretsmanager_secret.this["smtp"].id
  secret_string = jsonencode(var.smtp_login)
}

# ElastiCache and Amazon MQ have no write-only arguments in this provider: these are in the state, which is encrypted.
data "aws_secretsmanager_secret_version" "told" {
  for_each   = toset(["exporter-redis", "notification-service-redis", "rabbitmq", "redis", "user-service-redis"])
  secret_id  = aws_secretsmanager_secret.this[each.key].id
  version_id = aws_secretsmanager_secret_version.generated[each.key].version_id
}
