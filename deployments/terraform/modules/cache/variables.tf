# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "Name of the replication group."
  type        = string

  validation {
    condition     = length(var.name) <= 40
    error_message = "name must have at most 40 characters, as ElastiCache wants it."
  }
}

variable "vpc_id" {
  description = "VPC of the subnets."
  type        = string
}

variable "subnet_ids" {
  description = "Data subnets, one a zone."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "Security group whose members may connect."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts storage and logs."
  type        = string
}

variable "log_retention_days" {
  description = "How long the log of slow commands is kept."
  type        = number
}

variable "node_type" {
  description = "Size of each node."
  type        = string

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "node_type must be a type of ElastiCache such as cache.t3.micro or cache.m7g.large."
  }
}

variable "nodes" {
  description = "The primary and its replicas."
  type        = number

  validation {
    condition     = var.nodes >= 2 && var.nodes <= 6
    error_message = "nodes must be between 2, a primary and one that takes over, and 6."
  }
}

variable "password" {
  description = "What clients say in AUTH."
  type        = string
  sensitive   = true
}
