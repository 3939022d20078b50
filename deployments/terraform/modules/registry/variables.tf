# SPDX-License-Identifier: Apache-2.0
variable "repositories" {
  description = "Names of the images."
  type        = set(string)

  validation {
    condition     = alltrue([for name in var.repositories : startswith(name, "micro-sayur/")])
    error_message = "repositories must be called micro-sayur/NAME: copies to the second region are chosen by that."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the images."
  type        = string
}

variable "backup_kms_key_arn" {
  description = "Key that encrypts their copies in the second region."
  type        = string
}

variable "backup_region" {
  description = "Region that gets a copy of each image."
  type        = string
}

variable "untagged_days" {
  description = "After how many days images without a tag go."
  type        = number
  default     = 30

  validation {
    condition     = var.untagged_days >= 1
    error_message = "untagged_days must be at least 1."
  }
}
