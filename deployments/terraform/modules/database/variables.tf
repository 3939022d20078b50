# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "Name of the instance, and what names of its resources begin with."
  type        = string
}

variable "environment" {
  description = "staging or production: production must survive the loss of a zone."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the subnets."
  type        = string
}

variable "subnet_ids" {
  description = "Data subnets, one a zone."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "Security group whose members may connect."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts storage, snapshots and the master password."
  type        = string
}

variable "backup_kms_key_arn" {
  description = "Key that encrypts the copies in the second region."
  type        = string
}

variable "instance_class" {
  description = "Size of the primary and of each replica."
  type        = string

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be a class of RDS such as db.t3.micro or db.m7g.large."
  }
}

variable "max_connections" {
  description = "The most that may be connected to the primary, and to each replica; each takes 3 MiB of memory or so. docs/operations/data.md adds up who may be."
  type        = number

  validation {
    condition     = var.max_connections >= 20 && var.max_connections <= 5000
    error_message = "max_connections must be between 20, with which a pod of each service and RDS itself get along, and 5000, RDS's own limit."
  }
}

variable "storage_gib" {
  description = "Storage to begin with; it grows by itself up to five times that."
  type        = number

  validation {
    condition     = var.storage_gib >= 20 && var.storage_gib <= 10000
    error_message = "storage_gib must be between 20, the least that RDS takes, and 10000."
  }
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over."
  type        = bool

  validation {
    condition     = var.multi_az || var.environment != "production"
    error_message = "multi_az must be true in production: without a standby the loss of a zone is the loss of the service. Set it, or use environments/staging."
  }
}

variable "replicas" {
  description = "Read replicas."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5
    error_message = "replicas must be between 0 and 5, the most that RDS takes in one region."
  }
}

variable "backup_retention_days" {
  description = "How many days back any second can be restored."
  type        = number

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "backup_retention_days must be between 1 and 35; what is to be kept longer is kept by the module backup."
  }

  validation {
    condition     = var.backup_retention_days >= 14 || var.environment != "production"
    error_message = "backup_retention_days must be at least 14 in production: a mistake is often found only after a week. Set it to 14 or more."
  }
}

variable "deletion_protection" {
  description = "Whether the instance refuses to be deleted."
  type        = bool
}

variable "log_retention_days" {
  description = "How long the server's logs are kept."
  type        = number
}

variable "replicate_backups" {
  description = "Whether the log is copied to the second region; not every pair of regions can."
  type        = bool
  default     = true
}

variable "restore" {
  description = "What a new instance begins with: a snapshot of this region, or the latest of automated backups that were copied to it. An instance that exists stays as it is."
  type        = object({ snapshot_identifier = optional(string), automated_backups_arn = optional(string) })
  default     = {}

  validation {
    condition     = var.restore.snapshot_identifier == null || var.restore.automated_backups_arn == null
    error_message = "restore may name snapshot_identifier or automated_backups_arn, not both: a database begins with one of them."
  }

  validation {
    condition     = var.restore.automated_backups_arn == null || can(regex("^arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:auto-backup:.+$", var.restore.automated_backups_arn))
    error_message = "restore.automated_backups_arn must be an ARN such as arn:aws:rds:REGION:ACCOUNT:auto-backup:ab-…; aws rds describe-db-instance-automated-backups lists them."
  }
}

variable "permissions_boundary" {
  description = "The most that a role made here can be given."
  type        = string
}
