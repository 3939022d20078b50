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

variable "generations" {
  description = "Entry -> generation of its password, 1 where it is not named; one more makes it anew. The server that knows it has to be told: docs/operations/aws.md."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.generations) : contains(["admin", "database-owner", "exporter-database", "exporter-redis", "notification-service-database", "notification-service-rabbitmq", "notification-service-redis", "rabbitmq", "redis", "user-service-database", "user-service-rabbitmq", "user-service-redis"], name)])
    error_message = "generations may name admin, database-owner, rabbitmq, redis, exporter-database, exporter-redis, and user-service- and notification-service- with database, rabbitmq or redis; Terraform makes no other password."
  }
}

variable "smtp_login" {
  description = "With which notification-service sends mail."
  type        = object({ username = string, password = string })
  sensitive   = true
}
