# SPDX-License-Identifier: Apache-2.0
# The registry of the images. One for all environments: what was tested in staging is, by its digest, what runs in production.
resource "aws_ecr_repository" "this" {
  for_each             = var.repositories
  name                 = each.key
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }
}

# Replication makes what it does not find by AWS's defaults: tags that can be overwritten, and no scan.
resource "aws_ecr_repository" "copy" {
  provider             = aws.backup
  for_each             = var.repositories
  name                 = each.key
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.backup_kms_key_arn
  }
}

# Releases stay. What has no tag is a build that was never released, or a signature of an image that is gone.
resource "aws_ecr_lifecycle_policy" "this" {
  for_each   = aws_ecr_repository.this
  repository = each.value.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "untagged images go after ${var.untagged_days} days"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = var.untagged_days }
      action       = { type = "expire" }
    }]
  })
}

# The second region has the images when the first has not.
resource "aws_ecr_replication_configuration" "this" {
  replication_configuration {
    rule {
      destination {
        region      = var.backup_region
        registry_id = data.aws_caller_identity.current.account_id
      }
      repository_filter {
        filter      = "micro-sayur/"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
  depends_on = [aws_ecr_repository.copy]
}

data "aws_caller_identity" "current" {}
