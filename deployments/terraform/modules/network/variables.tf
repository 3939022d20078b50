# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "What names of resources begin with."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the VPC."
  type        = string

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16, false)
    error_message = "vpc_cidr must be an IPv4 network of at most 65536 addresses; write it as 10.0.0.0/16."
  }

  validation {
    condition     = try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], true)
    error_message = "vpc_cidr must be the first address of its network: 10.0.0.0/16, not 10.0.0.1/16; AWS would make another network of it than the one that is written."
  }

  validation {
    condition     = try(tonumber(split("/", var.vpc_cidr)[1]) <= 20, true)
    error_message = "vpc_cidr is too small: each of its sixteenths is a subnet, and pods take addresses of their own. Choose a network between /16 and /20, such as 10.0.0.0/16."
  }

  validation {
    condition     = can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)", var.vpc_cidr))
    error_message = "vpc_cidr must be a private network (RFC 1918): take one inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
  }
}

variable "nat_per_zone" {
  description = "Whether each zone has a NAT gateway and endpoints of its own; otherwise the first zone's serve all."
  type        = bool
}

variable "log_retention_days" {
  description = "How long flow logs are kept."
  type        = number
}

variable "kms_key_arn" {
  description = "Key that encrypts the flow logs."
  type        = string
}

variable "permissions_boundary" {
  description = "The most that a role made here can be given."
  type        = string
}
