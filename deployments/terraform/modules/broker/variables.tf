# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "Name of the broker."
  type        = string
}

variable "environment" {
  description = "staging or production: production must survive the loss of a zone."
  type        = string
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

variable "deployment_mode" {
  description = "SINGLE_INSTANCE or CLUSTER_MULTI_AZ, three nodes in three zones."
  type        = string

  validation {
    condition     = contains(["SINGLE_INSTANCE", "CLUSTER_MULTI_AZ"], var.deployment_mode)
    error_message = "deployment_mode must be SINGLE_INSTANCE or CLUSTER_MULTI_AZ; the third of Amazon MQ is ActiveMQ's."
  }

  validation {
    condition     = var.deployment_mode == "CLUSTER_MULTI_AZ" || var.environment != "production"
    error_message = "deployment_mode must be CLUSTER_MULTI_AZ in production: quorum queues need three nodes to survive the loss of one."
  }
}

variable "instance_type" {
  description = "Size of each node."
  type        = string

  validation {
    condition     = can(regex("^mq\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_type)) && !(var.deployment_mode == "CLUSTER_MULTI_AZ" && var.instance_type == "mq.t3.micro")
    error_message = "instance_type must be a type of Amazon MQ such as mq.m5.large; mq.t3.micro is for SINGLE_INSTANCE only."
  }
}

variable "password" {
  description = "Password of the user micro_sayur."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.password) >= 12 && !can(regex("[,:=]", var.password))
    error_message = "password must have at least 12 characters and none of , : =, as Amazon MQ wants it."
  }
}
