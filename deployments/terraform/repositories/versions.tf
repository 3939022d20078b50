# SPDX-License-Identifier: Apache-2.0
# Its state holds no secret; it is on the disk of who runs it, or where bootstrap's is: docs/operations/aws.md.
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { Project = "micro-sayur", Environment = "shared", ManagedBy = "terraform" }
  }
}

provider "aws" {
  alias  = "backup"
  region = var.backup_region
  default_tags {
    tags = { Project = "micro-sayur", Environment = "shared", ManagedBy = "terraform" }
  }
}
