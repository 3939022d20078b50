# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "What the name of the SMTP user begins with."
  type        = string
}

variable "domain_name" {
  description = "Domain that sends."
  type        = string
}

variable "zone_id" {
  description = "Zone of the domain."
  type        = string
}

variable "from_address" {
  description = "The one sender."
  type        = string

  validation {
    condition     = endswith(var.from_address, "@${var.domain_name}")
    error_message = "from_address must be an address of domain_name, or DKIM and DMARC do not fit it."
  }
}

variable "report_email" {
  description = "Who gets the DMARC reports of receivers."
  type        = string
}

variable "permissions_boundary" {
  description = "The most that a role made here can be given."
  type        = string
}
