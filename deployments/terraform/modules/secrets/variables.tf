# SPDX-License-Identifier: Apache-2.0
variable "environment" {
  description = "Second part of the names: micro-sayur/ENVIRONMENT/NAME."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the secrets."
  type        = string
}

variable "recovery_window_days" {
  description = "How long a deleted secret can be called back; 0: not at all, and its name is free at once."
  type        = number

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30)
    error_message = "recovery_window_days must be 0 or between 7 and 30, as Secrets Manager wants it."
  }
}

variable "generation" {
  description = "One more makes every generated password anew."
  type        = number
  default     = 1
}

variable "smtp_login" {
  description = "With which notification-service sends mail."
  type        = object({ username = string, password = string })
  sensitive   = true
}
