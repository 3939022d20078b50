# SPDX-License-Identifier: Apache-2.0
mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::owner-test", id = "owner-test" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name             = "owner-test"
  old_version_days = 7
}

run "without_a_lock" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:ap-southeast-3:123456789012:key/1"
  }
  assert {
    condition     = !aws_s3_bucket.this.object_lock_enabled && length(aws_s3_bucket_object_lock_configuration.this) == 0
    error_message = "nobody asked for a lock"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "the key is not used"
  }
}

run "with_a_lock" {
  command = plan
  variables {
    lock = { mode = "COMPLIANCE", days = 21 }
  }
  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled && one(one(aws_s3_bucket_object_lock_configuration.this[0].rule).default_retention).days == 21
    error_message = "a version can be deleted before its time"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "without a key of one's own it is S3's"
  }
  assert {
    condition     = one(one(aws_s3_bucket_lifecycle_configuration.this.rule).noncurrent_version_expiration).noncurrent_days == 7
    error_message = "old versions stay for ever"
  }
}

run "no_such_mode" {
  command = plan
  variables {
    lock = { mode = "FOREVER", days = 21 }
  }
  expect_failures = [var.lock]
}

run "no_day" {
  command = plan
  variables {
    lock = { mode = "GOVERNANCE", days = 0 }
  }
  expect_failures = [var.lock]
}
