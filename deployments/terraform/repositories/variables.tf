# SPDX-License-Identifier: Apache-2.0
variable "region" {
  description = "Region of the first repository, which the database's server writes to."
  type        = string
  default     = "ap-southeast-3"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be a region of AWS such as ap-southeast-1."
  }
}

variable "backup_region" {
  description = "Region of the second repository."
  type        = string
  default     = "ap-southeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.backup_region)) && var.backup_region != var.region
    error_message = "backup_region must be a region of AWS other than region."
  }
}

variable "name" {
  description = "What the names of the buckets and of the policies begin with; the buckets' must be free in all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,54}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 56 small letters, digits and hyphens; begin it with a name that only you use, such as OWNER-micro-sayur-backups."
  }
}

variable "lock_mode" {
  description = "COMPLIANCE: nobody, root of the account included, deletes a backup before its time or shortens that. GOVERNANCE: who has s3:BypassGovernanceRetention can, which is for a trial."
  type        = string
  default     = "COMPLIANCE"

  validation {
    condition     = contains(["COMPLIANCE", "GOVERNANCE"], var.lock_mode)
    error_message = "lock_mode must be COMPLIANCE, or GOVERNANCE for a trial."
  }
}

variable "notice_days" {
  description = "Within how many days a break-in is noticed: so long all backups of the retention outlive their deletion."
  type        = number
  default     = 7

  validation {
    condition     = var.notice_days >= 1 && var.notice_days <= 365
    error_message = "notice_days must be between 1 and 365."
  }
}
