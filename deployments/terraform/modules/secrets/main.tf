# SPDX-License-Identifier: Apache-2.0
# The entries that external-secrets reads, named as the files in .secrets/ are (tools/compose/secrets.sh).
locals {
  generated = toset([
    "admin_password",
    "database_owner_password",
    "notification_service_database_password",
    "rabbitmq_password",
    "redis_password",
    "user_service_database_password",
  ])
  # Made by the program itself and put in by hand: docs/operations/aws.md.
  by_hand = toset(["jwt_keys"])
  all     = setunion(local.generated, local.by_hand, ["smtp_password"])
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:rotation takes steps in the server that knows the password too; docs/operations/aws.md has them
  for_each                = local.all
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
  for_each                 = local.generated
  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.this[each.key].random_password
  secret_string_wo_version = var.generation
}

resource "aws_secretsmanager_secret_version" "smtp_password" {
  secret_id     = aws_secretsmanager_secret.this["smtp_password"].id
  secret_string = var.smtp_password
}

# ElastiCache and Amazon MQ have no write-only arguments in this provider: these two are in the state, which is encrypted.
data "aws_secretsmanager_secret_version" "told" {
  for_each   = toset(["rabbitmq_password", "redis_password"])
  secret_id  = aws_secretsmanager_secret.this[each.key].id
  version_id = aws_secretsmanager_secret_version.generated[each.key].version_id
}
