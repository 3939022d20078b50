# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "Name of the bucket; it must be free in all of AWS."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts what is in it."
  type        = string
}
