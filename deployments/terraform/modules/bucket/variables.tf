# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "Name of the bucket; it must be free in all of AWS."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts what is in it; without one S3's own does."
  type        = string
  default     = null
}

variable "old_version_days" {
  description = "How long a version is kept after it was replaced or deleted."
  type        = number
}

variable "lock" {
  description = "How long each version can be deleted by nobody (COMPLIANCE), or by nobody without s3:BypassGovernanceRetention (GOVERNANCE). Only a new bucket can have it."
  type        = object({ mode = string, days = number })
  default     = null

  validation {
    condition     = var.lock == null ? true : contains(["COMPLIANCE", "GOVERNANCE"], var.lock.mode)
    error_message = "lock.mode must be COMPLIANCE or GOVERNANCE."
  }

  validation {
    condition     = var.lock == null ? true : var.lock.days >= 1
    error_message = "lock.days must be at least 1."
  }
}
