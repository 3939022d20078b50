# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_ecr_repository" {
    defaults = { repository_url = "123456789012.dkr.ecr.ap-southeast-3.amazonaws.com/micro-sayur/user-service" }
  }
}

mock_provider "aws" {
  alias = "backup"
}

variables {
  repositories       = ["micro-sayur/user-service", "micro-sayur/notification-service"]
  kms_key_arn        = "arn:aws:kms:ap-southeast-3:123456789012:key/1"
  backup_region      = "ap-southeast-1"
  backup_kms_key_arn = "arn:aws:kms:ap-southeast-1:123456789012:key/2"
}

run "tags_are_written_once" {
  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push])
    error_message = "immutable tags, scanned"
  }
  assert {
    condition     = output.registry == "123456789012.dkr.ecr.ap-southeast-3.amazonaws.com"
    error_message = output.registry
  }
  assert {
    condition     = alltrue([for policy in aws_ecr_lifecycle_policy.this : jsondecode(policy.policy).rules[*].selection.tagStatus == ["untagged"]])
    error_message = "a release must not expire"
  }
}

run "so_are_those_of_the_copies" {
  assert {
    condition     = keys(aws_ecr_repository.copy) == keys(aws_ecr_repository.this) && alltrue([for repository in aws_ecr_repository.copy : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push])
    error_message = "immutable tags, scanned"
  }
}

run "foreign_names" {
  command = plan
  variables {
    repositories = ["other/user-service"]
  }
  expect_failures = [var.repositories]
}

run "gone_at_once" {
  command = plan
  variables {
    untagged_days = 0
  }
  expect_failures = [var.untagged_days]
}
