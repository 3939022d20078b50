# SPDX-License-Identifier: Apache-2.0
# Two buckets for the backups of a PostgreSQL of one's own (deployments/data, components/cloudnative-pg), which whoever breaks into its
# servers cannot empty. RDS needs none of this: its backups are in modules/backup.
locals {
  # The retention of deployments/data/pgbackrest, and a day: a full backup stays until the next one is as old as that.
  kept_days = { first = 14 + 1, second = 28 + 1 }
}

module "first" {
  source           = "../modules/bucket"
  name             = "${var.name}-first"
  old_version_days = var.notice_days
  lock             = { mode = var.lock_mode, days = local.kept_days.first + var.notice_days }
}

module "second" {
  source           = "../modules/bucket"
  providers        = { aws = aws.backup }
  name             = "${var.name}-second"
  old_version_days = var.notice_days
  lock             = { mode = var.lock_mode, days = local.kept_days.second + var.notice_days }
}

# The database's server pushes WAL into the first, and knows no other.
data "aws_iam_policy_document" "server" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [module.first.arn]
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${module.first.arn}/*/archive/*"]
  }
}

# The backup job, and whoever restores. Without s3:DeleteObjectVersion what it deletes is marked as deleted; the versions stay, and it reads
# them.
data "aws_iam_policy_document" "job" {
  statement {
    actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
    resources = [module.first.arn, module.second.arn]
  }
  statement {
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${module.first.arn}/*", "${module.second.arn}/*"]
  }
}

resource "aws_iam_policy" "this" {
  for_each = { server = data.aws_iam_policy_document.server.json, job = data.aws_iam_policy_document.job.json }
  name     = "${var.name}-${each.key}"
  policy   = each.value
}
