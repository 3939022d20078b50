# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/monitoring" }
  }
  mock_resource "aws_db_instance" {
    defaults = { arn = "arn:aws:rds:ap-southeast-3:123456789012:db:micro-sayur-test", address = "db.example" }
  }
}

mock_provider "aws" {
  alias = "backup"
}

variables {
  permissions_boundary     = "arn:aws:iam::123456789012:policy/micro-sayur-boundary"
  name                     = "micro-sayur-test"
  environment              = "production"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-1", "subnet-2", "subnet-3"]
  client_security_group_id = "sg-1"
  kms_key_arn              = "arn:aws:kms:ap-southeast-3:123456789012:key/1"
  backup_kms_key_arn       = "arn:aws:kms:ap-southeast-1:123456789012:key/2"
  instance_class           = "db.t3.micro"
  max_connections          = 80
  storage_gib              = 20
  multi_az                 = true
  replicas                 = 2
  backup_retention_days    = 35
  deletion_protection      = true
  log_retention_days       = 365
}

run "production" {
  assert {
    condition     = aws_db_instance.primary.manage_master_user_password && aws_db_instance.primary.password == null
    error_message = "the password of micro_sayur is RDS's own business"
  }
  assert {
    condition     = !aws_db_instance.primary.skip_final_snapshot && can(regex("^micro-sayur-test-final-[0-9]{12}$", aws_db_instance.primary.final_snapshot_identifier))
    error_message = "the last state has to be kept, under a name that a later one does not have"
  }
  assert {
    condition     = [for replica in aws_db_instance.replica : replica.replicate_source_db] == ["micro-sayur-test", "micro-sayur-test"]
    error_message = "replicas follow the primary"
  }
  assert {
    condition     = aws_db_instance_automated_backups_replication.this[0].retention_period == 35
    error_message = "the second region reaches back as far as the first"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.this.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.this.from_port == 5432
    error_message = "only the cluster may connect"
  }
}

run "replicas_grow_with_the_primary_and_logs_have_an_end" {
  assert {
    condition     = alltrue([for replica in aws_db_instance.replica : replica.max_allocated_storage == 100])
    error_message = "a replica that is full stops"
  }
  assert {
    condition     = length(aws_cloudwatch_log_group.this) == 6 && alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 365])
    error_message = jsonencode(keys(aws_cloudwatch_log_group.this))
  }
}

run "one_that_exists_stays_as_it_is" {
  command = plan
  variables {
    restore = { automated_backups_arn = "arn:aws:rds:ap-southeast-1:123456789012:auto-backup:ab-1" }
  }
  assert {
    condition     = aws_db_instance.primary.arn == run.production.arn && length(aws_db_instance.primary.restore_to_point_in_time) == 0
    error_message = "the variable would replace a database that is in use"
  }
}

run "a_new_one_begins_with_a_snapshot" {
  command   = plan
  state_key = "snapshot"
  variables {
    restore = { snapshot_identifier = "micro-sayur-test-final-202601010000" }
  }
  assert {
    condition     = aws_db_instance.primary.snapshot_identifier == "micro-sayur-test-final-202601010000" && length(aws_db_instance.primary.restore_to_point_in_time) == 0
    error_message = "it would begin empty"
  }
}

run "or_with_the_copied_log" {
  command   = plan
  state_key = "log"
  variables {
    restore = { automated_backups_arn = "arn:aws:rds:ap-southeast-1:123456789012:auto-backup:ab-1" }
  }
  assert {
    condition     = one(aws_db_instance.primary.restore_to_point_in_time).use_latest_restorable_time
    error_message = "it would begin empty"
  }
}

run "with_both" {
  command = plan
  variables {
    restore = { snapshot_identifier = "one", automated_backups_arn = "arn:aws:rds:ap-southeast-1:123456789012:auto-backup:ab-1" }
  }
  expect_failures = [var.restore]
}

run "regions_between_which_no_log_is_copied" {
  command = plan
  variables {
    replicate_backups = false
  }
  assert {
    condition     = length(aws_db_instance_automated_backups_replication.this) == 0
    error_message = "RDS would refuse it"
  }
}

run "a_short_retention_in_production" {
  command = plan
  variables {
    backup_retention_days = 7
  }
  expect_failures = [var.backup_retention_days]
}

run "the_same_in_staging" {
  command = plan
  variables {
    environment           = "staging"
    multi_az              = false
    backup_retention_days = 7
  }
}

run "no_standby_in_production" {
  command = plan
  variables {
    multi_az = false
  }
  expect_failures = [var.multi_az]
}

run "more_than_rds_keeps" {
  command = plan
  variables {
    backup_retention_days = 36
  }
  expect_failures = [var.backup_retention_days]
}

run "less_storage_than_rds_takes" {
  command = plan
  variables {
    storage_gib = 5
  }
  expect_failures = [var.storage_gib]
}

run "no_class_of_rds" {
  command = plan
  variables {
    instance_class = "t3.micro"
  }
  expect_failures = [var.instance_class]
}

run "too_many_replicas" {
  command = plan
  variables {
    replicas = 6
  }
  expect_failures = [var.replicas]
}
