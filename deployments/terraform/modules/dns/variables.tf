# SPDX-License-Identifier: Apache-2.0
variable "domain_name" {
  description = "Domain of the zone."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain_name))
    error_message = "domain_name must be a domain in small letters without a final dot, such as micro-sayur.com."
  }
}

variable "host" {
  description = "Host of the certificate, inside the domain."
  type        = string

  validation {
    condition     = var.host == var.domain_name || endswith(var.host, ".${var.domain_name}")
    error_message = "host must lie inside domain_name, or its certificate could not be validated."
  }
}
