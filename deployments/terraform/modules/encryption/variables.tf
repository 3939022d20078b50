# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "What the key is called: alias/NAME."
  type        = string
}
