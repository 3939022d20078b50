# SPDX-License-Identifier: Apache-2.0
# What must be there before an environment can be: the bucket of Terraform's states, GitHub's identity in this account, and the
# registry of the images, which all environments share.
data "aws_caller_identity" "current" {}

module "encryption" {
  source = "../modules/encryption"
  name   = "micro-sayur-shared"
}

module "backup_encryption" {
  source    = "../modules/encryption"
  providers = { aws = aws.backup }
  name      = "micro-sayur-shared-copy"
}

module "registry" {
  source             = "../modules/registry"
  providers          = { aws = aws, aws.backup = aws.backup }
  repositories       = ["micro-sayur/user-service", "micro-sayur/notification-service", "micro-sayur/postgres"]
  kms_key_arn        = module.encryption.key_arn
  backup_region      = var.backup_region
  backup_kms_key_arn = module.backup_encryption.key_arn
}
