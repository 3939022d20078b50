# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "Name of the vault, and the value of the tag Backup of what is backed up."
  type        = string
}

variable "environment" {
  description = "staging or production: production keeps backups for a month at least."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the backups."
  type        = string
}

variable "backup_kms_key_arn" {
  description = "Key that encrypts the copies in the second region."
  type        = string
}

variable "retention_days" {
  description = "How long a daily backup and its copy are kept."
  type        = number

  validation {
    condition     = var.retention_days >= 7 && var.retention_days <= 400
    error_message = "retention_days must be between 7 and 400."
  }

  validation {
    condition     = var.retention_days >= 35 || var.environment != "production"
    error_message = "retention_days must be at least 35 in production: the database's own log reaches back no further, and this is for what is noticed later. Set it to 35 or more."
  }
}

variable "locked" {
  description = "Whether nobody can delete a backup before its time."
  type        = bool
}

variable "notice_topic_arn" {
  description = "Topic that hears of failures."
  type        = string
}

variable "permissions_boundary" {
  description = "The most that a role made here can be given."
  type        = string
}
