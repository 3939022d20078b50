# SPDX-License-Identifier: Apache-2.0
variable "region" {
  description = "Region of the state and of the registry."
  type        = string
  default     = "ap-southeast-3"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be a region of AWS such as ap-southeast-1."
  }
}

variable "backup_region" {
  description = "Region that gets a copy of each image."
  type        = string
  default     = "ap-southeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.backup_region)) && var.backup_region != var.region
    error_message = "backup_region must be a region of AWS other than region."
  }
}

variable "state_bucket" {
  description = "Name of the bucket of Terraform's states; it must be free in all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must have 3 to 63 small letters, digits and hyphens; begin it with a name that only you use, such as OWNER-micro-sayur-state."
  }
}

variable "github_repository" {
  description = "OWNER/NAME of the repository whose workflows may come in."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be OWNER/NAME: whoever it names may act here, so it must be exact."
  }
}
