# SPDX-License-Identifier: Apache-2.0
variable "name" {
  description = "Name of the cluster, and what names of its resources begin with."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version such as 1.34; EKS chooses the patch."
  }
}

variable "subnet_ids" {
  description = "Private subnets, one a zone."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key that encrypts Kubernetes' secrets, logs and volumes."
  type        = string
}

variable "log_retention_days" {
  description = "How long the control plane's logs are kept."
  type        = number
}

variable "api_allowed_cidrs" {
  description = "Networks that reach the Kubernetes API from outside the VPC; none: it is private."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.api_allowed_cidrs : can(cidrhost(cidr, 0)) && try(tonumber(split("/", cidr)[1]) >= 16, false)])
    error_message = "api_allowed_cidrs must name networks of at most 65536 addresses, such as 203.0.113.0/24: the whole internet is not to reach the Kubernetes API."
  }
}

variable "administrator_role_arns" {
  description = "IAM roles whose holders administer the cluster."
  type        = list(string)

  validation {
    condition     = length(var.administrator_role_arns) > 0 && alltrue([for arn in var.administrator_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "administrator_role_arns must name at least one IAM role (arn:aws:iam::ACCOUNT:role/NAME): the cluster's creator has no rights of his own, and nobody could enter."
  }
}

variable "deployer_role_arn" {
  description = "IAM role of the pipeline's deploy job."
  type        = string
}

variable "namespace" {
  description = "Namespace to which the pipeline deploys."
  type        = string
}

variable "domain_name" {
  description = "Domain whose records external-dns keeps."
  type        = string
}

variable "zone_arn" {
  description = "Route 53 zone in which cert-manager and external-dns write."
  type        = string
}

variable "gateway_api" {
  description = "Whether the definitions of Gateway API are in the cluster: without them external-dns, told to look at routes, ends at its start."
  type        = bool
  default     = false
}

variable "client_security_group_ids" {
  description = "Security groups, besides the cluster's own, whose members reach the Kubernetes API: that of the pipeline's runner, for instance."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.client_security_group_ids : can(regex("^sg-[0-9a-f]{8,17}$", id))])
    error_message = "client_security_group_ids must name security groups of the VPC by their id, such as sg-0123456789abcdef0."
  }
}

variable "secret_arns" {
  description = "Secrets that external-secrets may read."
  type        = list(string)
}

variable "node_instance_types" {
  description = "Instance types of the nodes, the first preferred."
  type        = list(string)
}

variable "nodes" {
  description = "Least and most nodes."
  type        = object({ least = number, most = number })

  validation {
    condition     = var.nodes.least >= 3 && var.nodes.most >= var.nodes.least
    error_message = "nodes.least must be at least 3, one for each zone, and nodes.most no smaller: the pods of a service are spread over zones."
  }
}

variable "permissions_boundary" {
  description = "The most that a role made here can be given."
  type        = string
}
