# SPDX-License-Identifier: Apache-2.0
# The bucket and its region are told to `terraform init` by tools/ci/terraform.sh.
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
  backend "s3" {
    key          = "production/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "backup"
  region = var.backup_region
  default_tags {
    tags = local.tags
  }
}

locals {
  tags = { Project = "micro-sayur", Environment = "production", ManagedBy = "terraform" }
}
