# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "Name of the replication group."
  type        = string

  validation {
    condition     = length(var.name) <= 27
    error_message = "name must have at most 27 characters: ElastiCache wants at most 40 of the user that is called by it and -notification."
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

variable "passwords" {
  description = "User -> password, of each user of deployments/compose/redis-users.acl."
  type        = map(string)
  sensitive   = true
}
