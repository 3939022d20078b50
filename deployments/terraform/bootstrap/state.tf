# SPDX-License-Identifier: Apache-2.0
# The states, and a copy of each version of them in a second region: minutes old when the first is lost. They hold what
# providers tell, passwords among it.
locals {
  old_version_days = 365
}

module "state" {
  source           = "../modules/bucket"
  name             = var.state_bucket
  kms_key_arn      = module.encryption.key_arn
  old_version_days = local.old_version_days
}

module "state_copy" {
  source           = "../modules/bucket"
  providers        = { aws = aws.backup }
  name             = "${var.state_bucket}-copy"
  kms_key_arn      = module.backup_encryption.key_arn
  old_version_days = local.old_version_days
}

data "aws_iam_policy_document" "replication_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "replication" {
  statement {
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [module.state.arn]
  }
  statement {
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    resources = ["${module.state.arn}/*"]
  }
  statement {
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = ["${module.state_copy.arn}/*"]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [module.encryption.key_arn]
  }
  statement {
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [module.backup_encryption.key_arn]
  }
}

resource "aws_iam_role" "replication" {
  name               = "micro-sayur-state-replication"
  assume_role_policy = data.aws_iam_policy_document.replication_trust.json
}

resource "aws_iam_role_policy" "replication" {
  name   = "copy"
  role   = aws_iam_role.replication.id
  policy = data.aws_iam_policy_document.replication.json
}

resource "aws_s3_bucket_replication_configuration" "state" {
  bucket = module.state.name
  role   = aws_iam_role.replication.arn

  rule {
    id     = "states"
    status = "Enabled"
    filter {}
    delete_marker_replication {
      status = "Disabled"
    }
    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }
    destination {
      bucket = module.state_copy.arn
      encryption_configuration {
        replica_kms_key_id = module.backup_encryption.key_arn
      }
    }
  }
}
