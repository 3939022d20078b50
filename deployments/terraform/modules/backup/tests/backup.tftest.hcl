# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/backup" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:ap-southeast-3:123456789012:backup-vault:own" }
  }
}

mock_provider "aws" {
  alias = "backup"
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:ap-southeast-1:123456789012:backup-vault:copy" }
  }
}

variables {
  permissions_boundary = "arn:aws:iam::123456789012:policy/micro-sayur-boundary"
  name                 = "micro-sayur-test"
  environment          = "production"
  kms_key_arn          = "arn:aws:kms:ap-southeast-3:123456789012:key/1"
  backup_kms_key_arn   = "arn:aws:kms:ap-southeast-1:123456789012:key/2"
  retention_days       = 90
  locked               = true
  notice_topic_arn     = "arn:aws:sns:ap-southeast-3:123456789012:notices"
}

run "each_backup_is_copied_to_the_second_region" {
  assert {
    condition     = one(one(aws_backup_plan.this.rule).copy_action).destination_vault_arn == "arn:aws:backup:ap-southeast-1:123456789012:backup-vault:copy"
    error_message = "the copy goes elsewhere"
  }
  assert {
    condition     = one(one(one(aws_backup_plan.this.rule).copy_action).lifecycle).delete_after == 90
    error_message = "the copy lives as long as the backup"
  }
  assert {
    condition     = length(aws_backup_vault_lock_configuration.this) == 1 && length(aws_backup_vault_lock_configuration.copy) == 1
    error_message = "both vaults are locked"
  }
  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].changeable_for_days == 14 && aws_backup_vault_lock_configuration.copy[0].changeable_for_days == 14
    error_message = "without a number of days anybody with the right could take the lock off"
  }
}

run "failures_are_reported" {
  assert {
    condition     = aws_backup_vault_notifications.this.backup_vault_events == toset(["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"])
    error_message = "AWS sends nothing for BACKUP_JOB_FAILED any more; the state of a completed job says how it ended"
  }
}

run "kept_too_short_in_production" {
  command = plan
  variables {
    retention_days = 14
  }
  expect_failures = [var.retention_days]
}

run "kept_for_ever" {
  command = plan
  variables {
    retention_days = 401
  }
  expect_failures = [var.retention_days]
}
