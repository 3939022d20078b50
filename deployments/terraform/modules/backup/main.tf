# SPDX-License-Identifier: Apache-2.0
# Daily backups of whatever carries the tag Backup, each copied to a vault in a second region. Losses of minutes are the
# business of the database's own log (modules/database); these are for what is noticed late.
locals {
  # A vault that is locked lets nobody, root of the account included, delete a backup before its time. Until changeable_for_days have passed
  # the lock can be taken off again; without that number it could be for ever, by whoever has the right.
  locked_days = { least = 7, most = 400, changeable = 14 }
}

resource "aws_backup_vault" "this" {
  name        = var.name
  kms_key_arn = var.kms_key_arn
}

resource "aws_backup_vault" "copy" {
  provider    = aws.backup
  name        = "${var.name}-copy"
  kms_key_arn = var.backup_kms_key_arn
}

resource "aws_backup_vault_lock_configuration" "this" {
  count               = var.locked ? 1 : 0
  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = local.locked_days.least
  max_retention_days  = local.locked_days.most
  changeable_for_days = local.locked_days.changeable
}

resource "aws_backup_vault_lock_configuration" "copy" {
  count               = var.locked ? 1 : 0
  provider            = aws.backup
  backup_vault_name   = aws_backup_vault.copy.name
  min_retention_days  = local.locked_days.least
  max_retention_days  = local.locked_days.most
  changeable_for_days = local.locked_days.changeable
}

resource "aws_backup_plan" "this" {
  name = var.name

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this.name
    schedule          = "cron(0 18 * * ? *)"
    start_window      = 60
    completion_window = 240
    lifecycle {
      delete_after = var.retention_days
    }
    copy_action {
      destination_vault_arn = aws_backup_vault.copy.arn
      lifecycle {
        delete_after = var.retention_days
      }
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-backup"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset([
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
  ])
  role       = aws_iam_role.this.name
  policy_arn = each.key
}

resource "aws_backup_selection" "this" {
  name         = var.name
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this.arn
  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Backup"
    value = var.name
  }
}

# How a job ended is in the message; the subscription lets through what did not succeed.
resource "aws_backup_vault_notifications" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  sns_topic_arn       = var.notice_topic_arn
  backup_vault_events = ["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"]
}
